#include <algorithm>

#include <gtest/gtest.h>

#include "edges/decomposition.hpp"

namespace haloedge {
namespace {

/// Checks the properties that every decomposition must have.
void expect_sound(const RowShares& shares, std::int64_t height, int parts, std::int64_t min_rows) {
  ASSERT_EQ(shares.share.size(), static_cast<std::size_t>(parts));
  EXPECT_GE(shares.tile_rows, 16);
  EXPECT_EQ(shares.tile_rows % 16, 0);
  std::int64_t row = 0;
  bool ended = false;
  for (const RowRange share : shares.share) {
    EXPECT_EQ(share.begin, row);
    EXPECT_TRUE(share.empty() || !ended) << "a rank without rows stands before one with rows";
    ended = ended || share.empty();
    EXPECT_TRUE(share.end == height || share.end % shares.tile_rows == 0);
    EXPECT_TRUE(share.empty() || share.size() == height || share.size() >= min_rows);
    row = share.end;
  }
  EXPECT_EQ(row, height);
}

TEST(ShareRows, EveryHeight) {
  for (std::int64_t height = 1; height < 700; height += 1 + height / 40) {
    for (int parts = 1; parts <= 40; ++parts) {
      for (const std::int64_t tile : {16, 48, 256}) expect_sound(share_rows(height, parts, tile, 3), height, parts, 3);
    }
  }
}

TEST(ShareRows, AtLeastHalo) {
  for (std::int64_t height = 1; height < 900; height += 1 + height / 40) {
    for (const std::int64_t min_rows : {17, 62}) {
      for (int parts = 1; parts <= 12; ++parts) {
        for (const std::int64_t tile : {16, 64}) {
          expect_sound(share_rows(height, parts, tile, min_rows), height, parts, min_rows);
          expect_sound(share_rows(height, parts, tile, min_rows, [](RowRange rows) { return rows.size(); }), height,
                       parts, min_rows);
        }
      }
    }
  }
}

TEST(ShareRows, Remainder) {
  const RowShares shares = share_rows(10 * 256, 4, 256, 1);
  EXPECT_EQ(shares.tile_rows, 256);
  EXPECT_EQ(shares.share[0], (RowRange{0, 768}));
  EXPECT_EQ(shares.share[1], (RowRange{768, 1536}));
  EXPECT_EQ(shares.share[2], (RowRange{1536, 2048}));
  EXPECT_EQ(shares.share[3], (RowRange{2048, 2560}));
}

TEST(ShareRows, ShrinksTiles) {
  const RowShares shares = share_rows(512, 8, 256, 1);
  EXPECT_EQ(shares.tile_rows, 64);
  for (const RowRange share : shares.share) EXPECT_EQ(share.size(), 64);
}

TEST(ShareRows, IdleRanks) {
  const RowShares shares = share_rows(20, 7, 256, 1);
  EXPECT_EQ(shares.tile_rows, 16);
  EXPECT_EQ(shares.share[0], (RowRange{0, 16}));
  EXPECT_EQ(shares.share[1], (RowRange{16, 20}));
  for (std::size_t part = 2; part < 7; ++part) EXPECT_TRUE(shares.share[part].empty());
}

TEST(ShareRows, ShortRemainder) {
  const RowShares shares = share_rows(33, 3, 16, 2);
  EXPECT_EQ(shares.share[0], (RowRange{0, 16}));
  EXPECT_EQ(shares.share[1], (RowRange{16, 33}));
  EXPECT_TRUE(shares.share[2].empty());
}

TEST(ShareRows, EqualCost) {
  // The upper half costs three times as much as the lower half: 6 of 8 parts of the cost lie above row 1280.
  const RowCost cost = [](RowRange rows) {
    const std::int64_t dear = intersect(rows, {0, 1280}).size();
    return 3 * dear + (rows.size() - dear);
  };
  const RowShares shares = share_rows(2560, 4, 256, 1, cost);
  EXPECT_EQ(shares.share[0], (RowRange{0, 512}));
  EXPECT_EQ(shares.share[1], (RowRange{512, 768}));
  EXPECT_EQ(shares.share[2], (RowRange{768, 1280}));
  EXPECT_EQ(shares.share[3], (RowRange{1280, 2560}));
}

TEST(ShareRows, EveryCost) {
  // In the first case one row has all the cost; in the second the cost grows downwards.
  const RowCost costs[] = {[](RowRange rows) { return rows.contains(100) ? 1000000 : 0; },
                           [](RowRange rows) { return rows.end * rows.end - rows.begin * rows.begin; }};
  for (const RowCost& cost : costs) {
    for (std::int64_t height = 1; height < 700; height += 1 + height / 40) {
      for (int parts = 1; parts <= 40; ++parts) {
        const RowShares shares = share_rows(height, parts, 16, 3, cost);
        expect_sound(shares, height, parts, 3);
      }
    }
  }
}

TEST(ShareRows, Beyond32Bits) {
  const std::int64_t height = std::int64_t{1} << 40;
  expect_sound(share_rows(height, 3, 256, 1), height, 3, 1);
}

}  // namespace
}  // namespace haloedge

#include "edges/strip.hpp"

#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "edges/halo_exchange.hpp"
#include "support/owned_strip.hpp"

namespace haloedge {
namespace {

using kernels::Border;

StripShape shape_of(RowRange share, std::int64_t height, std::int64_t width, Border border, std::int64_t radius = 1) {
  return {.share = share,
          .height = height,
          .width = width,
          .fill = {border},
          .radius = radius,
          .has_above = share.begin > 0 || border == Border::wrap,
          .has_below = share.end < height || border == Border::wrap};
}

/// Returns sample (row, column) of the test image. It is never 0, so that it differs from the constant border.
std::uint8_t sample(std::int64_t row, std::int64_t column) { return static_cast<std::uint8_t>(1 + 16 * row + column); }

/// Returns a strip with all its units and halo rows filled from the test image.
OwnedStrip full_strip(const StripShape& shape, std::int64_t unit_rows) {
  OwnedStrip owned(shape, 8, unit_rows);
  Strip& strip = owned.strip;
  for (std::int64_t row = shape.share.begin; row < shape.share.end; row += unit_rows) {
    const RowRange unit{row, std::min(row + unit_rows, shape.share.end)};
    strip.admit(unit);
    for (std::int64_t y = unit.begin; y < unit.end; ++y) {
      std::byte* to = strip.part(y, 0, 1, shape.width);
      for (std::int64_t x = 0; x < shape.width; ++x) to[x] = std::byte{sample(y, x)};
    }
    strip.fill_margins(unit);
  }
  const auto halo_rows = [&](std::int64_t first) {
    std::vector<std::byte> rows;
    for (std::int64_t i = 0; i < shape.radius; ++i) {
      const std::int64_t y = (first + i + shape.height) % shape.height;
      for (std::int64_t x = 0; x < shape.width; ++x) rows.push_back(std::byte{sample(y, x)});
    }
    return rows;
  };
  if (shape.has_above) strip.set_halo_above(halo_rows(shape.share.begin - shape.radius).data());
  if (shape.has_below) strip.set_halo_below(halo_rows(shape.share.end).data());
  return owned;
}

/// Checks that at(row)[column] is, in all places that the filter reads, the sample that the border rule puts there on
/// the whole image.
void expect_whole_image(const StripShape& shape, std::int64_t unit_rows) {
  const OwnedStrip owned = full_strip(shape, unit_rows);
  const Strip& strip = owned.strip;
  for (std::int64_t row = shape.share.begin - shape.radius; row < shape.share.end + shape.radius; ++row) {
    for (std::int64_t column = -shape.radius; column < shape.width + shape.radius; ++column) {
      const std::int64_t y = kernels::border_index(row, shape.height, shape.fill.border);
      const std::int64_t x = kernels::border_index(column, shape.width, shape.fill.border);
      const int expected = y < 0 || x < 0 ? 0 : sample(y, x);
      EXPECT_EQ(static_cast<int>(strip.at(row)[column]), expected)
          << "row " << row << " column " << column << " border " << static_cast<int>(shape.fill.border);
    }
  }
}

constexpr Border all_borders[] = {Border::reflect, Border::mirror, Border::nearest, Border::constant, Border::wrap};

TEST(Strip, EveryShare) {
  constexpr std::int64_t height = 9;
  for (const Border border : all_borders) {
    for (const RowRange share : {RowRange{0, 9}, RowRange{0, 4}, RowRange{4, 7}, RowRange{8, 9}, RowRange{7, 9}}) {
      for (const std::int64_t unit_rows : {1, 2, 3, 9}) {
        if ((share.size() + unit_rows - 1) / unit_rows > 8) continue;
        expect_whole_image(shape_of(share, height, 5, border), unit_rows);
      }
    }
  }
}

TEST(Strip, TinyImages) {
  for (const Border border : all_borders) {
    expect_whole_image(shape_of({0, 1}, 1, 1, border), 1);
    expect_whole_image(shape_of({0, 2}, 2, 1, border), 1);
    expect_whole_image(shape_of({0, 1}, 1, 3, border), 1);
  }
}

TEST(Strip, WiderHalos) {
  for (const Border border : all_borders) expect_whole_image(shape_of({3, 7}, 10, 6, border, 3), 2);
}

TEST(Strip, OutsideTheUnit) {
  OwnedStrip owned(shape_of({0, 8}, 8, 4, Border::reflect), 2, 4);
  Strip& strip = owned.strip;
  strip.admit({0, 4});
  EXPECT_THROW((void)strip.part(3, 0, 2, 4), std::logic_error);
  EXPECT_THROW((void)strip.part(0, 2, 1, 3), std::logic_error);
  EXPECT_THROW((void)strip.part(4, 0, 1, 4), std::logic_error);
}

TEST(Strip, Slabs) {
  OwnedStrip owned(shape_of({0, 8}, 8, 4, Border::reflect), 1, 4);
  Strip& strip = owned.strip;
  strip.admit({0, 4});
  EXPECT_THROW(strip.admit({4, 8}), std::logic_error);
  strip.release({0, 4});
  strip.admit({4, 8});
  EXPECT_TRUE(strip.holds({4, 8}));
  EXPECT_FALSE(strip.holds({3, 5}));
}

TEST(FindNeighbours, Neighbours) {
  const std::vector<RowRange> shares{{0, 5}, {5, 9}, {9, 12}, {12, 12}};
  EXPECT_EQ(find_neighbours(shares, 0, Border::reflect).above, std::nullopt);
  EXPECT_EQ(find_neighbours(shares, 0, Border::reflect).below, 1);
  EXPECT_EQ(find_neighbours(shares, 2, Border::reflect).below, std::nullopt);
  EXPECT_EQ(find_neighbours(shares, 0, Border::wrap).above, 2);
  EXPECT_EQ(find_neighbours(shares, 2, Border::wrap).below, 0);
  EXPECT_EQ(find_neighbours(shares, 3, Border::wrap).above, std::nullopt);
}

}  // namespace
}  // namespace haloedge

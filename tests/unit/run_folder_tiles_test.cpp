// Tests what a run records about its tiles, and which of these records the next run believes.
#include <algorithm>
#include <fstream>
#include <map>

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "run/run_folder.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

namespace fs = std::filesystem;

class TileJournalTest : public testing::Test {
 protected:
  void write(int run, int rank, const std::vector<TileRecord>& records) const {
    TileJournal journal(folder_, run, rank, 256);
    for (const TileRecord& record : records) journal.add(record);
  }
  [[nodiscard]] std::vector<KeptTile> read(std::int64_t tile_rows = 256) const {
    std::map<std::int64_t, KeptTile> newest;
    for_each_kept_tile(folder_, tile_rows, [&](const KeptTile& tile) { newest[tile.record.tile] = tile; });
    std::vector<KeptTile> tiles;
    for (const auto& [number, tile] : newest) tiles.push_back(tile);
    return tiles;
  }

  ScratchFolder scratch_;
  fs::path folder_ = scratch_ / "";
};

TEST_F(TileJournalTest, InOrder) {
  const std::int64_t far = std::int64_t{1} << 45;
  write(1, 3, {{.tile = 900, .offset = far, .bytes = 65536, .checksum = 0xFFFFFFFF}, {.tile = 2, .bytes = 1}});
  write(1, 0, {{.tile = 7, .offset = 5, .bytes = 6, .checksum = 7}});
  const std::vector<KeptTile> tiles = read();
  ASSERT_EQ(tiles.size(), 3U);
  EXPECT_EQ(tiles[0].record.tile, 2);
  EXPECT_EQ(tiles[1].record.tile, 7);
  EXPECT_EQ(tiles[1].rank, 0);
  EXPECT_EQ(tiles[2].record.tile, 900);
  EXPECT_EQ(tiles[2].record.offset, far);
  EXPECT_EQ(tiles[2].record.bytes, 65536);
  EXPECT_EQ(tiles[2].record.checksum, 0xFFFFFFFF);
  EXPECT_EQ(tiles[2].rank, 3);
  EXPECT_TRUE(read(128).empty()) << "other tiles";
}

TEST_F(TileJournalTest, NewestRecord) {
  write(10, 0, {{.tile = 1, .offset = 100}});
  write(9, 5, {{.tile = 1, .offset = 90}, {.tile = 2, .offset = 92}});
  write(2, 1, {{.tile = 1, .offset = 20}, {.tile = 2, .offset = 22}, {.tile = 3, .offset = 23}});
  const std::vector<KeptTile> tiles = read();
  ASSERT_EQ(tiles.size(), 3U);
  EXPECT_EQ(tiles[0].record.offset, 100);
  EXPECT_EQ(tiles[0].run, 10);
  EXPECT_EQ(tiles[1].record.offset, 92);
  EXPECT_EQ(tiles[2].record.offset, 23);
}

TEST_F(TileJournalTest, Garbled) {
  write(1, 0, {{.tile = 1, .offset = 11}, {.tile = 2, .offset = 12}, {.tile = 3, .offset = 13}});
  const fs::path path = journal_path(folder_, 1, 0);
  const std::string whole = read_text_file(path);
  const std::size_t record = whole.size() / 4;  // a heading and three tiles
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    std::ofstream(path, std::ios::binary) << whole.substr(0, size);
    const std::size_t complete = size / record;
    EXPECT_EQ(read().size(), complete > 0 ? complete - 1 : 0) << "cut to " << size;
    EXPECT_EQ(journaled_tile_rows(folder_).has_value(), complete > 0) << "cut to " << size;
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string garbled = whole;
    garbled[at] = static_cast<char>(garbled[at] ^ 0x10);
    std::ofstream(path, std::ios::binary) << garbled;
    EXPECT_EQ(read().size(), at < record ? 0U : 2U) << "byte " << at;
  }
  // A node that fails may leave a journal of the right size that holds zeros.
  std::ofstream(path, std::ios::binary) << std::string(whole.size(), '\0');
  EXPECT_TRUE(read().empty());
}

TEST_F(TileJournalTest, Exists) {
  EXPECT_FALSE(has_tiles(folder_ / "none"));
  EXPECT_FALSE(has_tiles(folder_));
  EXPECT_FALSE(journaled_tile_rows(folder_));
  write(1, 0, {});
  EXPECT_FALSE(has_tiles(folder_)) << "a run that was begun";
  EXPECT_EQ(journaled_tile_rows(folder_), 256);
  write(2, 4, {{.tile = 9}});
  EXPECT_TRUE(has_tiles(folder_));
  EXPECT_THROW(for_each_kept_tile(folder_ / "none", 256, [](const KeptTile&) {}), Error);
}

TEST_F(TileJournalTest, Checksum) {
  const std::string text = "123456789";
  EXPECT_EQ(checksum(std::as_bytes(std::span(text))), 0xCBF43926U);
  EXPECT_EQ(checksum({}), 0U);
}

}  // namespace
}  // namespace haloedge

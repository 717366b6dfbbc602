// Tests what the names of tile files say about their order.
#include "source/tile_order.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"

namespace haloedge {
namespace {

using Files = std::vector<std::string>;
using Orders = std::vector<TileOrder>;

constexpr TileOrder rows = TileOrder::rows;
constexpr TileOrder columns = TileOrder::columns;

TileFiles by_name(const Files& files, Grid grid, std::optional<TileOrder> asked = std::nullopt) {
  return order_by_name("set", files, grid, asked);
}

std::string refusal(const Files& files, Grid grid, std::optional<TileOrder> asked = std::nullopt) {
  try {
    (void)by_name(files, grid, asked);
    return "was taken";
  } catch (const UsageError& error) {
    return error.what();
  }
}

/// Returns names with two numbers: before, a, between, b and behind, for all a and b.
Files grid_names(int firsts, int seconds, const std::string& before = "", const std::string& between = "_",
                 const std::string& behind = ".png") {
  Files names;
  for (int a = 0; a < firsts; ++a) {
    for (int b = 0; b < seconds; ++b) {
      names.push_back(before + std::to_string(a) + between + std::to_string(b) + behind);
    }
  }
  return names;
}

TEST(TileOrder, OneNumber) {
  const TileFiles tiles = by_name({"a_10", "a_2", "a_1", "a_9"}, {2, 2});
  EXPECT_EQ(tiles.files, (Files{"a_1", "a_2", "a_9", "a_10"}));
  EXPECT_EQ(tiles.possible, (Orders{rows, columns}));
  EXPECT_FALSE(tiles.known || tiles.needs_proof) << "such files go along the rows by default";
  EXPECT_EQ(by_name({"a_1", "a_2", "a_3", "a_4"}, {2, 2}, columns).known, columns);
  EXPECT_EQ(by_name({"a_1", "a_2"}, {1, 2}).possible, (Orders{rows})) << "in one row, both are the same";
}

TEST(TileOrder, NamesWithoutGrid) {
  EXPECT_FALSE(by_name({"ne.tif", "nw.tif", "se.tif", "sw.tif"}, {2, 2}).needs_proof);
  // The second number is that of the file.
  EXPECT_FALSE(by_name({"day1_1", "day1_2", "day2_3", "day2_4"}, {2, 2}).needs_proof);
  EXPECT_FALSE(by_name({"x1", "x2.png", "x3", "x4"}, {2, 2}).needs_proof);
}

TEST(TileOrder, ShapeOfTheGrid) {
  EXPECT_EQ(by_name(grid_names(2, 3), {2, 3}).possible, Orders{rows});
  EXPECT_EQ(by_name(grid_names(2, 3), {3, 2}).possible, Orders{columns});
  EXPECT_FALSE(by_name(grid_names(2, 3), {3, 2}).needs_proof);
  const TileFiles square = by_name(grid_names(2, 2), {2, 2});
  EXPECT_EQ(square.possible, (Orders{rows, columns}));
  EXPECT_TRUE(square.needs_proof);
  EXPECT_FALSE(by_name(grid_names(2, 2), {2, 2}, columns).needs_proof);
}

TEST(TileOrder, Words) {
  const auto known = [](const std::string& before, const std::string& between) {
    return by_name(grid_names(2, 2, before, between), {2, 2}).known;
  };
  EXPECT_EQ(known("a/tile_r", "_c"), rows);
  EXPECT_EQ(known("Row-", "_Col-"), rows);
  EXPECT_EQ(known("y", "x"), rows);
  EXPECT_EQ(known("x", "y"), columns);
  EXPECT_EQ(known("map.column", ".row"), columns);
  EXPECT_EQ(known("parts/part_", "_"), rows) << "as split names them";
  for (const auto& [before, between] :
       {std::pair("", "_"), {"max", "_y"}, {"x", "_"}, {"x", "x"}, {"apart_", "_"}, {"tiles/3/", "/"}}) {
    EXPECT_EQ(known(before, between), std::nullopt) << before << between;
  }
}

TEST(TileOrder, NumbersCountByValue) {
  const Files names{"0_9", "0_10", "1_9", "1_010", "2_00000000000000000009", "2_10"};
  EXPECT_EQ(by_name({names[1], names[4], names[0], names[5], names[3], names[2]}, {3, 2}).files, names);
}

TEST(TileOrder, OtherNumbers) {
  // A number that is the same in all names, and one that counts the files, say nothing.
  EXPECT_TRUE(by_name(grid_names(2, 2, "tiles/3/", "/"), {2, 2}).needs_proof);
  const TileFiles tiles = by_name({"4_x0_y0", "3_x0_y1", "2_x1_y0", "1_x1_y1"}, {2, 2});
  EXPECT_EQ(tiles.files, (Files{"4_x0_y0", "3_x0_y1", "2_x1_y0", "1_x1_y1"}));
  EXPECT_EQ(tiles.known, columns);
}

TEST(TileOrder, Refused) {
  EXPECT_EQ(refusal(grid_names(2, 3), {1, 6}),
            "set: --grid 1x6 does not fit the names of the tile files, in which the first number has 2 values and the "
            "second 3: use --grid 2x3 --order rows if the first one counts rows, or --grid 3x2 --order columns if it "
            "counts columns; for any other order, list the files row by row in a text file, and give that as @FILE");
  EXPECT_NE(refusal(grid_names(2, 3, "x", "y"), {2, 3}).find("second 3: use --grid 3x2;"), std::string::npos);
  EXPECT_NE(refusal(grid_names(2, 3), {3, 2}, rows).find("second 3: use --grid 2x3;"), std::string::npos);
  const std::string gap = "set: the numbers in the names of the tile files do not form a grid";
  EXPECT_TRUE(refusal({"0_0", "0_1", "1_0", "2_1"}, {2, 2}).starts_with(gap));
  EXPECT_TRUE(refusal({"0_0", "0_1", "1_0", "1_00"}, {2, 2}).starts_with(gap)) << "one place twice";
}

TEST(TileOrder, RowByRow) {
  const Files files{"a", "b", "c", "d", "e", "f"};
  EXPECT_EQ(row_by_row(files, {2, 3}, rows), files);
  EXPECT_EQ(row_by_row(files, {2, 3}, columns), (Files{"a", "c", "e", "b", "d", "f"}));
}

}  // namespace
}  // namespace haloedge

#include <map>
#include <mutex>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "source/open_source.hpp"

namespace haloedge {
namespace {

/// A source without a file. The value of sample (row, column) depends on the file's number, the row and the column;
/// blocks have `block` rows.
class MadeUpSource final : public Source {
 public:
  MadeUpSource(std::int64_t width, std::int64_t height, std::int64_t block, bool any_order, int number)
      : block_(block), any_order_(any_order), number_(number) {
    image_.width = width;
    image_.height = height;
  }

  [[nodiscard]] const ImageInfo& image() const override { return image_; }
  [[nodiscard]] std::vector<RowRange> sequences() const override {
    return any_order_ ? std::vector<RowRange>{} : std::vector<RowRange>{{0, image_.height}};
  }
  [[nodiscard]] std::vector<RowRange> units(RowRange rows, std::int64_t target) const override {
    const std::int64_t step = block_ * std::max<std::int64_t>(1, target / block_);
    std::vector<RowRange> units;
    for (std::int64_t row = rows.begin; row < rows.end; row = units.back().end) {
      units.push_back({row, std::min(rows.end, row / block_ * block_ + step)});
    }
    return units;
  }
  [[nodiscard]] std::int64_t task_count(RowRange) const override { return 1; }
  void decode(RowRange unit, std::int64_t, const PixelConsumer& consume) override {
    for (std::int64_t row = unit.begin; row < unit.end; ++row) {
      std::vector<std::byte> samples;
      for (std::int64_t x = 0; x < image_.width; ++x) samples.push_back(sample(number_, row, x));
      consume(row, 0, {samples.data(), image_.width, image_.width, 1, image_.type, 1});
    }
  }
  [[nodiscard]] std::int64_t working_bytes(int) const override { return 1; }

  static std::byte sample(int number, std::int64_t row, std::int64_t column) {
    return static_cast<std::byte>(number * 100 + row * 10 + column);
  }

 private:
  ImageInfo image_;
  std::int64_t block_;
  bool any_order_;
  int number_;
};

/// Returns a set of 2 x 2 files, with columns of 7 and 4 pixels and rows of 12 and 9. Blocks differ between the files
/// of a row.
std::unique_ptr<Source> make_set(bool any_order) {
  const SourceOpener opener = [any_order](const std::filesystem::path& path) -> std::unique_ptr<Source> {
    const int number = std::stoi(path.string());
    return std::make_unique<MadeUpSource>(number % 2 == 0 ? 7 : 4, number < 2 ? 12 : 9, number % 2 == 0 ? 4 : 6,
                                          any_order, number);
  };
  return open_tile_set("set", {{"0", "1", "2", "3"}, {TileOrder::rows}}, {2, 2}, opener);
}

TEST(TileSet, Pixels) {
  for (const bool any_order : {true, false}) {
    for (const std::int64_t target : {1, 5, 100}) {
      for (const RowRange share : {RowRange{0, 21}, RowRange{3, 17}}) {
        const auto set = make_set(any_order);
        EXPECT_EQ(set->image().width, 11);
        EXPECT_EQ(set->image().height, 21);
        std::map<std::pair<std::int64_t, std::int64_t>, std::byte> seen;
        std::int64_t next = share.begin;
        for (const RowRange unit : set->units(share, target)) {
          EXPECT_EQ(unit.begin, next);
          next = unit.end;
          for (std::int64_t task = 0; task < set->task_count(unit); ++task) {
            set->decode(unit, task, [&](std::int64_t row, std::int64_t column, const kernels::ConstPixels& pixels) {
              for (std::int64_t x = 0; x < pixels.width; ++x) {
                EXPECT_TRUE(seen.emplace(std::pair(row, column + x), pixels.data[x]).second) << "twice";
              }
            });
          }
        }
        ASSERT_EQ(seen.size(), static_cast<std::size_t>(share.size() * 11));
        for (const auto& [place, sample] : seen) {
          const auto [row, column] = place;
          const int number = (row < 12 ? 0 : 2) + (column < 7 ? 0 : 1);
          EXPECT_EQ(sample, MadeUpSource::sample(number, row < 12 ? row : row - 12, column < 7 ? column : column - 7));
        }
      }
    }
  }
}

TEST(TileSet, Units) {
  // The files have blocks of 4 and of 6 rows, so that only every 12th row is between blocks of both.
  const auto set = make_set(true);
  EXPECT_EQ(set->units({0, 21}, 5), (std::vector<RowRange>{{0, 12}, {12, 21}}));
  EXPECT_TRUE(set->sequences().empty());
}

TEST(TileSet, Sequences) { EXPECT_EQ(make_set(false)->sequences(), (std::vector<RowRange>{{0, 12}, {12, 21}})); }

/// Opens four tiles "0" to "3" in their order. `narrow` has another width, `low` another height.
std::string columns_of(TileFiles tiles, const std::set<std::string>& narrow, const std::set<std::string>& low) {
  tiles.files = {"0", "1", "2", "3"};
  const SourceOpener opener = [&](const std::filesystem::path& path) -> std::unique_ptr<Source> {
    return std::make_unique<MadeUpSource>(narrow.contains(path) ? 3 : 7, low.contains(path) ? 5 : 12, 4, true, 0);
  };
  try {
    return open_tile_set("set", tiles, {2, 2}, opener)->image().description.front().second;
  } catch (const UsageError& error) {
    return std::string("usage: ") + error.what();
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(TileSet, OrderFromSizes) {
  constexpr TileOrder rows = TileOrder::rows;
  constexpr TileOrder columns = TileOrder::columns;
  const std::string by_rows = "2 rows of 2 files, row by row; the first is";
  const std::string by_columns = "2 rows of 2 files, column by column; the first is";
  for (const bool needs_proof : {false, true}) {
    const TileFiles both{.files = {}, .possible = {rows, columns}, .needs_proof = needs_proof};
    EXPECT_EQ(columns_of(both, {"1", "3"}, {}), by_rows);
    EXPECT_EQ(columns_of(both, {"2", "3"}, {}), by_columns);
    EXPECT_EQ(columns_of(both, {}, {"2", "3"}), by_rows);
    EXPECT_EQ(columns_of(both, {}, {"1", "3"}), by_columns);
    EXPECT_EQ(columns_of(both, {"1", "3"}, {"2", "3"}), by_rows);
    EXPECT_TRUE(columns_of(both, {"0"}, {}).starts_with("the tiles do not fit together: 2 is"));
  }
  const TileFiles usual{.files = {}, .possible = {rows, columns}};
  EXPECT_EQ(columns_of(usual, {}, {}), by_rows);
  const TileFiles unknown{.files = {}, .possible = {rows, columns}, .needs_proof = true};
  EXPECT_EQ(columns_of(unknown, {}, {}),
            "usage: set: give --order rows if 1 is to the right of 0, or --order columns if it is below: all tiles "
            "have the same size, so that both are possible");
}

TEST(TileSet, KnownOrder) {
  for (const TileOrder known : {TileOrder::rows, TileOrder::columns}) {
    const bool is_rows = known == TileOrder::rows;
    const TileFiles tiles{.files = {}, .possible = {TileOrder::rows, TileOrder::columns}, .known = known};
    EXPECT_TRUE(columns_of(tiles, {}, {}).find(is_rows ? "row by row" : "column by column") != std::string::npos);
    const std::string misfit = columns_of(tiles, {is_rows ? "2" : "1", "3"}, {});
    EXPECT_TRUE(misfit.starts_with("the tiles do not fit together")) << misfit;
    EXPECT_TRUE(misfit.ends_with(is_rows ? "; they fit with --order columns" : "; they fit with --order rows"))
        << misfit;
  }
}

TEST(TileSet, Misfits) {
  const SourceOpener opener = [](const std::filesystem::path& path) -> std::unique_ptr<Source> {
    return std::make_unique<MadeUpSource>(7, path == "odd" ? 13 : 12, 4, true, 0);
  };
  try {
    (void)open_tile_set("set", {{"a", "odd"}, {TileOrder::rows}}, {1, 2}, opener);
    FAIL() << "was accepted";
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("odd is 7 x 13 px"), std::string::npos) << text;
    EXPECT_NE(text.find("a is 7 x 12 px"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace haloedge

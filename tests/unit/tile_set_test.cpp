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
  return make_tile_set_source({"0", "1", "2", "3"}, {2, 2}, opener);
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

TEST(TileSet, Misfits) {
  const SourceOpener opener = [](const std::filesystem::path& path) -> std::unique_ptr<Source> {
    return std::make_unique<MadeUpSource>(7, path == "odd" ? 13 : 12, 4, true, 0);
  };
  try {
    (void)make_tile_set_source({"a", "odd"}, {1, 2}, opener);
    FAIL() << "was accepted";
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("odd is 7 x 13 px"), std::string::npos) << text;
    EXPECT_NE(text.find("a is 7 x 12 px"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace haloedge

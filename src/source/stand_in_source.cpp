#include <algorithm>
#include <utility>

#include "core/arithmetic.hpp"
#include "core/error.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

constexpr std::int64_t tile = 256;

class StandInSource final : public Source {
 public:
  explicit StandInSource(ImageInfo image) : image_(std::move(image)) {}

  [[nodiscard]] const ImageInfo& image() const override { return image_; }
  [[nodiscard]] bool any_order() const override { return true; }
  [[nodiscard]] std::vector<RowRange> sequences() const override { return {}; }

  [[nodiscard]] std::vector<RowRange> units(RowRange rows, std::int64_t target_rows) const override {
    const std::int64_t step = std::max(tile, target_rows / tile * tile);
    std::vector<RowRange> units;
    for (std::int64_t row = rows.begin; row < rows.end; row = units.back().end) {
      units.push_back({row, std::min(rows.end, (row / step + 1) * step)});
    }
    return units;
  }

  [[nodiscard]] std::int64_t task_count(RowRange unit) const override {
    return divide_up(unit.size(), tile) * divide_up(image_.width, tile);
  }

  void decode(RowRange, std::int64_t, const PixelConsumer&) override {
    throw Error("there is no image to decode: this is a plan");
  }

  /// The tile of each thread, as it is in the file and decoded.
  [[nodiscard]] std::int64_t working_bytes(int threads) const override {
    return threads * (2 * tile * tile * image_.pixel_bytes());
  }

 private:
  ImageInfo image_;
};

}  // namespace

std::unique_ptr<Source> make_stand_in_source(ImageInfo image) {
  return std::make_unique<StandInSource>(std::move(image));
}

}  // namespace haloedge

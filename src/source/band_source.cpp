#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/buffer.hpp"
#include "core/error.hpp"
#include "core/number_text.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

/// Some channels of another source.
class BandSource final : public Source {
 public:
  BandSource(std::unique_ptr<Source> inner, const std::vector<int>& bands)
      : inner_(std::move(inner)), image_(inner_->image()) {
    for (const int band : bands) picked_.push_back(band - 1);
    image_.channels = static_cast<int>(bands.size());
  }

  [[nodiscard]] const ImageInfo& image() const override { return image_; }
  [[nodiscard]] RowCost row_cost() const override { return inner_->row_cost(); }
  [[nodiscard]] std::vector<RowRange> sequences() const override { return inner_->sequences(); }
  [[nodiscard]] std::vector<RowRange> units(RowRange rows, std::int64_t target_rows) const override {
    return inner_->units(rows, target_rows);
  }
  [[nodiscard]] std::int64_t task_count(RowRange unit) const override { return inner_->task_count(unit); }

  void decode(RowRange unit, std::int64_t task, const PixelConsumer& consume) override {
    inner_->decode(unit, task, [&](std::int64_t row, std::int64_t column, const kernels::ConstPixels& pixels) {
      const std::int64_t row_bytes = pixels.width * image_.pixel_bytes();
      const Buffer picked(row_bytes);
      for (std::int64_t i = 0; i < pixels.rows; ++i) {
        pick(pixels, pixels.data + i * pixels.row_bytes, picked.data());
        consume(row + i, column, {picked.data(), row_bytes, pixels.width, 1, pixels.type, image_.channels});
      }
    });
  }

  [[nodiscard]] std::int64_t working_bytes(int threads) const override {
    return inner_->working_bytes(threads) + threads * image_.row_bytes();
  }

 private:
  void pick(const kernels::ConstPixels& pixels, const std::byte* from, std::byte* to) const {
    const std::int64_t bytes = kernels::sample_bytes(pixels.type);
    for (std::int64_t x = 0; x < pixels.width; ++x) {
      for (const int channel : picked_) {
        std::memcpy(to, from + (x * pixels.channels + channel) * bytes, static_cast<std::size_t>(bytes));
        to += bytes;
      }
    }
  }

  std::unique_ptr<Source> inner_;
  std::vector<int> picked_;
  ImageInfo image_;
};

}  // namespace

std::unique_ptr<Source> pick_bands(std::unique_ptr<Source> source, const std::string& name,
                                   const std::vector<int>& bands) {
  if (bands.empty()) return source;
  const int channels = source->image().channels;
  for (const int band : bands) {
    if (band > channels) {
      throw Error(fmt::format("--band {}: {} has {}, counted from 1", fmt::join(bands, ","), name,
                              count_text(channels, "band")));
    }
  }
  return std::make_unique<BandSource>(std::move(source), bands);
}

}  // namespace haloedge

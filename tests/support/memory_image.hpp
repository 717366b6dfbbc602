#pragma once

#include <cstddef>
#include <vector>

#include "sink/sink.hpp"
#include "source/source.hpp"

namespace haloedge {

/// A source whose image is in memory; it is decoded in parts of a few rows and half the width.
class MemorySource final : public Source {
 public:
  explicit MemorySource(const kernels::ConstPixels& pixels);

  [[nodiscard]] const ImageInfo& image() const override { return info_; }
  [[nodiscard]] std::vector<RowRange> sequences() const override { return {}; }
  [[nodiscard]] std::vector<RowRange> units(RowRange rows, std::int64_t target_rows) const override;
  [[nodiscard]] std::int64_t task_count(RowRange unit) const override;
  void decode(RowRange unit, std::int64_t task, const PixelConsumer& consume) override;
  [[nodiscard]] std::int64_t working_bytes(int) const override { return 0; }

 private:
  kernels::ConstPixels pixels_;
  ImageInfo info_;
};

/// A sink that writes a rank's tiles to an image in memory of the whole image's size; the rows of other ranks stay 0.
class MemorySink final : public Sink {
 public:
  MemorySink(std::int64_t width, std::int64_t height, std::int64_t tile_columns, std::int64_t tile_rows,
             std::int64_t sample_bytes);

  void put(TilePosition tile, std::span<const std::byte> pixels) override;
  void end_round() override {}
  void finish() override {}

  [[nodiscard]] const std::vector<std::byte>& image() const { return image_; }

 private:
  std::int64_t width_;
  std::int64_t height_;
  std::int64_t tile_columns_;
  std::int64_t tile_rows_;
  std::int64_t sample_bytes_;
  std::vector<std::byte> image_;
};

}  // namespace haloedge

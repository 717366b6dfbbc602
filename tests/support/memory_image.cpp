#include "support/memory_image.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace haloedge {

namespace {

constexpr std::int64_t task_rows = 5;

}  // namespace

MemorySource::MemorySource(const kernels::ConstPixels& pixels)
    : pixels_(pixels),
      info_{.width = pixels.width, .height = pixels.rows, .type = pixels.type, .channels = pixels.channels} {}

std::vector<RowRange> MemorySource::units(RowRange rows, std::int64_t target_rows) const {
  std::vector<RowRange> units;
  for (std::int64_t row = rows.begin; row < rows.end; row += target_rows) {
    units.push_back({row, std::min(rows.end, row + target_rows)});
  }
  return units;
}

std::int64_t MemorySource::task_count(RowRange unit) const { return 2 * ((unit.size() + task_rows - 1) / task_rows); }

void MemorySource::decode(RowRange unit, std::int64_t task, const PixelConsumer& consume) {
  const std::int64_t row = unit.begin + task / 2 * task_rows;
  const std::int64_t half = info_.width / 2;
  const std::int64_t column = task % 2 == 0 ? 0 : half;
  kernels::ConstPixels part = pixels_;
  part.data += row * pixels_.row_bytes + column * info_.pixel_bytes();
  part.rows = std::min(task_rows, unit.end - row);
  part.width = task % 2 == 0 ? half : info_.width - half;
  if (part.width > 0) consume(row, column, part);
}

MemorySink::MemorySink(std::int64_t width, std::int64_t height, std::int64_t tile_columns, std::int64_t tile_rows,
                       std::int64_t sample_bytes)
    : width_(width),
      height_(height),
      tile_columns_(tile_columns),
      tile_rows_(tile_rows),
      sample_bytes_(sample_bytes),
      image_(static_cast<std::size_t>(width * height * sample_bytes)) {}

void MemorySink::put(TilePosition tile, std::span<const std::byte> pixels) {
  if (std::ssize(pixels) != tile_rows_ * tile_columns_ * sample_bytes_) throw std::logic_error("a tile has gaps");
  for (std::int64_t y = 0; y < tile_rows_; ++y) {
    for (std::int64_t x = 0; x < tile_columns_; ++x) {
      const std::byte* from = pixels.data() + (y * tile_columns_ + x) * sample_bytes_;
      const std::int64_t row = tile.row * tile_rows_ + y;
      const std::int64_t column = tile.column * tile_columns_ + x;
      if (row < height_ && column < width_) {
        std::memcpy(image_.data() + (row * width_ + column) * sample_bytes_, from,
                    static_cast<std::size_t>(sample_bytes_));
      } else if (std::any_of(from, from + sample_bytes_, [](std::byte byte) { return byte != std::byte{0}; })) {
        throw std::logic_error("a tile is not 0 outside the image");
      }
    }
  }
}

}  // namespace haloedge

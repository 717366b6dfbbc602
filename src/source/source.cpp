#include "source/source.hpp"

#include <algorithm>
#include <cstring>

namespace haloedge {

std::vector<RowRange> cut_between_blocks(RowRange rows, std::int64_t block_rows, std::int64_t target_rows) {
  const std::int64_t step = block_rows * std::max<std::int64_t>(1, target_rows / block_rows);
  std::vector<RowRange> units;
  for (std::int64_t row = rows.begin; row < rows.end; row = units.back().end) {
    units.push_back({row, std::min(rows.end, row / block_rows * block_rows + step)});
  }
  return units;
}

PixelConsumer copy_to(std::byte* pixels, std::int64_t first_row, std::int64_t row_bytes) {
  return [=](std::int64_t row, std::int64_t column, const kernels::ConstPixels& part) {
    const std::int64_t pixel_bytes = part.channels * kernels::sample_bytes(part.type);
    std::byte* to = pixels + (row - first_row) * row_bytes + column * pixel_bytes;
    for (std::int64_t y = 0; y < part.rows; ++y) {
      std::memcpy(to + y * row_bytes, part.data + y * part.row_bytes,
                  static_cast<std::size_t>(part.width * pixel_bytes));
    }
  };
}

void decode_parts(Source& source, const PixelConsumer& take) {
  const std::int64_t height = source.image().height;
  for (const RowRange unit : source.units({0, height}, height)) {
    for (std::int64_t task = 0; task < source.task_count(unit); ++task) source.decode(unit, task, take);
  }
}

kernels::ConstPixels decode_image(Source& source, Buffer& pixels) {
  const ImageInfo& image = source.image();
  const std::int64_t row_bytes = image.row_bytes();
  pixels = Buffer(image.height * row_bytes);
  decode_parts(source, copy_to(pixels.data(), 0, row_bytes));
  return {pixels.data(), row_bytes, image.width, image.height, image.type, image.channels};
}

std::int64_t decoding_bytes(const Source& source) {
  const ImageInfo& image = source.image();
  return source.working_bytes(1) + image.height * image.row_bytes();
}

}  // namespace haloedge

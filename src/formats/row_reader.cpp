#include "formats/row_reader.hpp"

#include "core/buffer.hpp"

namespace haloedge {

void RowReader::skip(std::int64_t rows) {
  const std::int64_t row_bytes = image().width * image().pixel_bytes();
  const Buffer dropped(row_bytes);
  for (std::int64_t i = 0; i < rows; ++i) read(dropped.data(), row_bytes, 1);
}

}  // namespace haloedge

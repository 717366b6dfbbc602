#include "sink/image_encoder.hpp"

#include <algorithm>
#include <cstring>

#include "core/arithmetic.hpp"
#include "formats/tiff_encoder.hpp"
#include "sink/output_check.hpp"
#include "sink/row_store.hpp"

namespace haloedge {

namespace {

template <class Number>
void put_number(std::vector<std::byte>& bytes, std::int64_t at, Number number) {
  std::memcpy(bytes.data() + at, &number, sizeof number);
}

void append(std::vector<std::byte>& bytes, std::span<const std::byte> more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

std::vector<std::byte> encode_tiff(const OutputSpec& spec, const kernels::ConstPixels& edges) {
  const TiffImage image = tiff_image(spec);
  const TiffLayout layout = lay_out_tiff(image);
  std::vector<std::byte> bytes = layout.head;
  bytes.resize(static_cast<std::size_t>(layout.data_offset));
  std::vector<std::byte> tile(static_cast<std::size_t>(image.tile_bytes()));
  for (std::int64_t number = 0; number < image.tile_count(); ++number) {
    copy_tile(spec, edges, number / image.tiles_across(), number % image.tiles_across(), tile);
    const std::int64_t offset = std::ssize(bytes);
    append(bytes, spec.compression == Compression::none ? tile : encode_tiff_tile(image, tile));
    const std::int64_t entry = layout.offsets_at + number * layout.offset_bytes();
    if (layout.big) {
      put_number(bytes, entry, static_cast<std::uint64_t>(offset));
    } else {
      put_number(bytes, entry, static_cast<std::uint32_t>(offset));
    }
    put_number(bytes, layout.counts_at + number * 4, static_cast<std::uint32_t>(std::ssize(bytes) - offset));
  }
  return bytes;
}

}  // namespace

void copy_tile(const OutputSpec& spec, const kernels::ConstPixels& edges, std::int64_t tile_row,
               std::int64_t tile_column, std::span<std::byte> samples) {
  const std::int64_t sample = kernels::sample_bytes(spec.type);
  const std::int64_t row = tile_row * spec.tile_rows;
  const std::int64_t column = tile_column * spec.tile_columns;
  const auto inside = static_cast<std::size_t>(std::min(spec.tile_columns, spec.width - column) * sample);
  const auto stride = static_cast<std::size_t>(spec.tile_columns * sample);
  for (std::int64_t y = 0; y < spec.tile_rows; ++y) {
    std::byte* to = samples.data() + static_cast<std::size_t>(y) * stride;
    const std::size_t filled = row + y < spec.height ? inside : 0;
    if (filled > 0) std::memcpy(to, edges.data + (row + y) * edges.row_bytes + column * sample, filled);
    std::memset(to + filled, 0, stride - filled);
  }
}

std::vector<std::byte> encode_image(const OutputSpec& spec, const kernels::ConstPixels& edges) {
  if (output_format(spec) == OutputFormat::tiff) return encode_tiff(spec, edges);
  std::vector<std::byte> bytes;
  const auto writer =
      make_row_writer(spec, spec.path, [&bytes](std::span<const std::byte> more) { append(bytes, more); });
  writer->write(edges);
  writer->finish();
  return bytes;
}

std::int64_t encoding_bytes(const OutputSpec& spec) {
  const std::int64_t tiles_across = divide_up(spec.width, spec.tile_columns);
  const std::int64_t tiles_down = divide_up(spec.height, spec.tile_rows);
  // The growing result may be held twice while it moves; what does not compress grows a little.
  constexpr std::int64_t encoder_bytes = std::int64_t{1} << 19;
  return encoder_bytes + 3 * (tiles_across * tiles_down + 1) * spec.tile_bytes();
}

}  // namespace haloedge

#include "sink/image_encoder.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "formats/tiff_layout.hpp"

namespace haloedge {

namespace {

void append(std::vector<std::byte>& bytes, std::span<const std::byte> more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

std::vector<std::byte> encode_tiff(const TiledImage& image, const kernels::ConstPixels& edges) {
  const TiffLayout layout = lay_out_tiff(image);
  std::vector<std::byte> bytes = layout.head;
  bytes.resize(static_cast<std::size_t>(layout.data_offset));
  std::vector<std::byte> offsets;
  std::vector<std::uint32_t> counts;
  std::vector<std::byte> tile(static_cast<std::size_t>(image.tile_bytes()));
  for (std::int64_t number = 0; number < image.tile_count(); ++number) {
    copy_tile(image, edges, number / image.tiles_across(), number % image.tiles_across(), tile);
    const std::int64_t offset = std::ssize(bytes);
    append(bytes, image.compression == Compression::none ? tile : encode_tiff_tile(image, tile));
    layout.append_offset(offset, offsets);
    counts.push_back(static_cast<std::uint32_t>(std::ssize(bytes) - offset));
  }
  std::ranges::copy(offsets, bytes.begin() + layout.offsets_at);
  std::ranges::copy(std::as_bytes(std::span(counts)), bytes.begin() + layout.counts_at);
  return bytes;
}

}  // namespace

void copy_tile(const TiledImage& image, const kernels::ConstPixels& edges, std::int64_t tile_row,
               std::int64_t tile_column, std::span<std::byte> samples) {
  const std::int64_t sample = kernels::sample_bytes(image.type);
  const std::int64_t row = tile_row * image.tile_rows;
  const std::int64_t column = tile_column * image.tile_columns;
  const auto inside = static_cast<std::size_t>(std::min(image.tile_columns, image.width - column) * sample);
  const auto stride = static_cast<std::size_t>(image.tile_columns * sample);
  for (std::int64_t y = 0; y < image.tile_rows; ++y) {
    std::byte* to = samples.data() + static_cast<std::size_t>(y) * stride;
    const std::size_t filled = row + y < image.height ? inside : 0;
    if (filled > 0) std::memcpy(to, edges.data + (row + y) * edges.row_bytes + column * sample, filled);
    std::memset(to + filled, 0, stride - filled);
  }
}

std::unique_ptr<RowWriter> make_row_writer(OutputFormat format, const TiledImage& image,
                                           const std::filesystem::path& path, ByteSink sink) {
  const RowWriterSpec rows{.path = path,
                           .width = image.width,
                           .height = image.height,
                           .type = image.type,
                           .channels = 1,
                           .metadata = image.metadata,
                           .quality = image.quality};
  return format == OutputFormat::jpeg ? make_jpeg_row_writer(rows, std::move(sink))
                                      : make_png_row_writer(rows, std::move(sink));
}

std::vector<std::byte> encode_image(OutputFormat format, const std::string& name, const TiledImage& image,
                                    const kernels::ConstPixels& edges) {
  if (format == OutputFormat::tiff) return encode_tiff(image, edges);
  std::vector<std::byte> bytes;
  const auto writer =
      make_row_writer(format, image, name, [&bytes](std::span<const std::byte> more) { append(bytes, more); });
  writer->write(edges);
  writer->finish();
  return bytes;
}

std::int64_t encoding_bytes(const TiledImage& image) {
  // The growing result may be held twice while it is moved; data that does not compress grows a little.
  constexpr std::int64_t encoder_bytes = std::int64_t{1} << 19;
  return encoder_bytes + 3 * (image.tile_count() + 1) * image.tile_bytes();
}

}  // namespace haloedge

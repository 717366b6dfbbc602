#include "formats/tiff_block_reader.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/error.hpp"
#include "formats/tiff_pixels.hpp"

namespace haloedge {

TiffBlockReader::TiffBlockReader(const std::filesystem::path& path, int page, const TiffHeader& header)
    : header_(header), handle_(path, page), planes_(static_cast<std::size_t>(header.planes)) {
  if (header.plain) file_ = File::open_to_read(path);
}

std::int64_t TiffBlockReader::memory_bytes(const TiffHeader& header, std::int64_t rows) {
  const std::int64_t held_rows = header.plain ? std::min(rows, header.block_rows) : header.block_rows;
  const std::int64_t decoded = header.row_bytes * held_rows * header.planes;
  const std::int64_t converted = header.direct() ? 0 : held_rows * header.block_width * header.image.pixel_bytes();
  // What is compressed is seldom larger than what comes out of it, and neither is a codec's window.
  const std::int64_t raw = header.plain ? 0 : 2 * header.block_bytes;
  constexpr std::int64_t table_bytes_a_block = 16;
  const std::int64_t blocks = header.blocks_across() * header.blocks_down() * header.planes;
  constexpr std::int64_t handle_bytes = std::int64_t{1} << 18;
  return decoded + converted + raw + blocks * table_bytes_a_block + handle_bytes;
}

std::byte* TiffBlockReader::room(Buffer& buffer, std::int64_t bytes) {
  if (buffer.size() < bytes) buffer = Buffer(bytes);
  return buffer.data();
}

void TiffBlockReader::fail(std::uint32_t number, const std::string& reason) const {
  const ImageInfo& image = header_.image;
  const std::int64_t top = number / header_.blocks_across() % header_.blocks_down() * header_.block_rows;
  const std::int64_t left = number % header_.blocks_across() * header_.block_width;
  throw Error(fmt::format(
      "{}: {} {} (rows {} to {}, columns {} to {}) cannot be decoded: {}", handle_.path().string(),
      header_.tiled ? "tile" : "strip", number, top, std::min(top + header_.block_rows, image.height) - 1, left,
      std::min(left + header_.block_width, image.width) - 1, reason.empty() ? "it is damaged" : reason));
}

void TiffBlockReader::read_plain(std::uint32_t number, std::int64_t first, std::int64_t rows, std::byte* to) {
  const auto offset = static_cast<std::int64_t>(TIFFGetStrileOffset(handle_.get(), number));
  const auto bytes = static_cast<std::int64_t>(TIFFGetStrileByteCount(handle_.get(), number));
  const std::int64_t end = (first + rows) * header_.row_bytes;
  if (offset <= 0) fail(number, "the file holds nothing for it (a sparse or truncated file)");
  if (bytes < end) fail(number, fmt::format("it has {} bytes where {} are needed", bytes, end));
  if (offset > file_.size() - end) fail(number, "the file ends before it does: it is truncated");
  file_.read_at(offset + first * header_.row_bytes, {to, static_cast<std::size_t>(rows * header_.row_bytes)});
  if (TIFFIsByteSwapped(handle_.get()) == 0) return;
  if (header_.bits == 16) TIFFSwabArrayOfShort(reinterpret_cast<std::uint16_t*>(to), rows * header_.row_bytes / 2);
  if (header_.bits == 32) TIFFSwabArrayOfLong(reinterpret_cast<std::uint32_t*>(to), rows * header_.row_bytes / 4);
}

void TiffBlockReader::decode(std::uint32_t number, std::int64_t down, std::byte* to) {
  handle_.clear_error();
  // The last strip ends with the image, a tile never does.
  const std::int64_t rows = header_.tiled
                                ? header_.block_rows
                                : std::min(header_.block_rows, header_.image.height - down * header_.block_rows);
  const std::int64_t bytes = rows * header_.row_bytes;
  const tmsize_t got = header_.tiled ? TIFFReadEncodedTile(handle_.get(), number, to, bytes)
                                     : TIFFReadEncodedStrip(handle_.get(), number, to, bytes);
  if (got != bytes || !handle_.error().empty()) fail(number, handle_.error());
}

const std::byte* TiffBlockReader::read_plane(std::int64_t across, std::int64_t down, int plane, std::int64_t first,
                                             std::int64_t rows) {
  const std::uint32_t number = header_.block_number(across, down, plane);
  Buffer& buffer = planes_.at(static_cast<std::size_t>(plane));
  if (header_.plain) {
    std::byte* to = room(buffer, rows * header_.row_bytes);
    read_plain(number, first, rows, to);
    return to;
  }
  std::byte* to = room(buffer, header_.block_bytes);
  decode(number, down, to);
  return to + first * header_.row_bytes;
}

kernels::ConstPixels TiffBlockReader::read(std::int64_t across, std::int64_t down, std::int64_t first,
                                           std::int64_t rows) {
  const ImageInfo& image = header_.image;
  const std::int64_t width = std::min(header_.block_width, image.width - across * header_.block_width);
  std::vector<const std::byte*> planes;
  planes.reserve(planes_.size());
  for (int plane = 0; plane < header_.planes; ++plane) planes.push_back(read_plane(across, down, plane, first, rows));
  if (header_.direct()) return {planes[0], header_.row_bytes, width, rows, image.type, image.channels};

  const std::int64_t out_bytes = width * image.pixel_bytes();
  std::byte* out = room(pixels_, rows * out_bytes);
  for (std::int64_t row = 0; row < rows; ++row) {
    convert_tiff_row(header_, planes, width, out + row * out_bytes);
    for (const std::byte*& plane : planes) plane += header_.row_bytes;
  }
  return {out, out_bytes, width, rows, image.type, image.channels};
}

}  // namespace haloedge

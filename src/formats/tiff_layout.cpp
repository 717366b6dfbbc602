#include "formats/tiff_layout.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <span>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <tiffio.h>

#include "formats/tiff_reader.hpp"
#include "kernels/arithmetic.hpp"

namespace haloedge {

namespace {

/// An entry of the directory. Large tables have no value: only their space is reserved.
struct Entry {
  std::uint16_t tag = 0;
  std::uint16_t type = 0;
  std::uint64_t count = 0;
  std::vector<std::byte> value{};

  [[nodiscard]] std::int64_t bytes() const {
    return static_cast<std::int64_t>(count) * TIFFDataWidth(static_cast<TIFFDataType>(type));
  }
};

template <class Number>
Entry entry(std::uint16_t tag, TIFFDataType type, std::initializer_list<Number> numbers) {
  const auto bytes = std::as_bytes(std::span(numbers.begin(), numbers.size()));
  const auto count = bytes.size() / static_cast<std::size_t>(TIFFDataWidth(type));
  return {tag, static_cast<std::uint16_t>(type), count, {bytes.begin(), bytes.end()}};
}

Entry short_entry(std::uint16_t tag, int value) { return entry(tag, TIFF_SHORT, {static_cast<std::uint16_t>(value)}); }

Entry long_entry(std::uint16_t tag, std::int64_t value) {
  return entry(tag, TIFF_LONG, {static_cast<std::uint32_t>(value)});
}

/// A number as a fraction of 32-bit integers that readers, which take it for a float, find to be the same float. Its
/// continued fraction is followed until then, so that 300.5 becomes 601 / 2.
Entry rational_entry(std::uint16_t tag, double value) {
  constexpr double most = 4'294'967'295.0;
  value = value > 0 ? std::min(value, most) : 0;
  double before = 0;  // numerators and denominators of the last two fractions
  double numerator = 1;
  double before_denominator = 1;
  double denominator = 0;
  for (double rest = value;
       denominator == 0 || static_cast<float>(numerator / denominator) != static_cast<float>(value);
       rest = 1 / (rest - std::floor(rest))) {
    const double next = std::floor(rest) * numerator + before;
    const double next_denominator = std::floor(rest) * denominator + before_denominator;
    if (!(next <= most && next_denominator <= most)) break;
    before = std::exchange(numerator, next);
    before_denominator = std::exchange(denominator, next_denominator);
  }
  return entry(tag, TIFF_RATIONAL, {static_cast<std::uint32_t>(numerator), static_cast<std::uint32_t>(denominator)});
}

void add_metadata(const Metadata& metadata, std::vector<Entry>& entries) {
  if (metadata.orientation) entries.push_back(short_entry(TIFFTAG_ORIENTATION, *metadata.orientation));
  if (metadata.resolution) {
    entries.push_back(rational_entry(TIFFTAG_XRESOLUTION, metadata.resolution->x));
    entries.push_back(rational_entry(TIFFTAG_YRESOLUTION, metadata.resolution->y));
    entries.push_back(short_entry(TIFFTAG_RESOLUTIONUNIT, metadata.resolution->unit));
  }
  for (const std::vector<TiffTag>& tags : {metadata.geo_tags, metadata.texts}) {
    for (const TiffTag& tag : tags) entries.push_back({tag.id, tag.type, tag.count, tag.value});
  }
  if (!metadata.xmp.empty()) {
    const auto bytes = std::as_bytes(std::span(metadata.xmp));
    entries.push_back({TIFFTAG_XMLPACKET, TIFF_BYTE, bytes.size(), {bytes.begin(), bytes.end()}});
  }
  if (metadata.icc_fits(1)) {
    entries.push_back({TIFFTAG_ICCPROFILE, TIFF_UNDEFINED, metadata.icc_profile.size(), metadata.icc_profile});
  }
}

std::vector<Entry> make_entries(const TiledImage& image, bool big) {
  const auto tiles = static_cast<std::uint64_t>(image.tile_count());
  std::vector<std::byte> software(image.software.size() + 1);
  std::memcpy(software.data(), image.software.data(), image.software.size());
  const bool is_float = image.type == kernels::SampleType::f32;
  std::vector<Entry> entries{
      long_entry(TIFFTAG_IMAGEWIDTH, image.width),
      long_entry(TIFFTAG_IMAGELENGTH, image.height),
      short_entry(TIFFTAG_BITSPERSAMPLE, static_cast<int>(8 * kernels::sample_bytes(image.type))),
      short_entry(TIFFTAG_COMPRESSION, tiff_compression(image.compression)),
      short_entry(TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK),
      short_entry(TIFFTAG_SAMPLESPERPIXEL, 1),
      short_entry(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG),
      {TIFFTAG_SOFTWARE, TIFF_ASCII, software.size(), software},
      long_entry(TIFFTAG_TILEWIDTH, image.tile_columns),
      long_entry(TIFFTAG_TILELENGTH, image.tile_rows),
      {TIFFTAG_TILEOFFSETS, static_cast<std::uint16_t>(big ? TIFF_LONG8 : TIFF_LONG), tiles},
      {TIFFTAG_TILEBYTECOUNTS, TIFF_LONG, tiles},
      short_entry(TIFFTAG_SAMPLEFORMAT, is_float ? SAMPLEFORMAT_IEEEFP : SAMPLEFORMAT_UINT),
  };
  add_metadata(image.metadata, entries);
  if (image.nodata) {
    const std::string text = nodata_text(*image.nodata);
    const auto bytes = std::as_bytes(std::span(text.c_str(), text.size() + 1));
    entries.push_back({gdal_nodata_tag.id, TIFF_ASCII, bytes.size(), {bytes.begin(), bytes.end()}});
  }
  std::ranges::sort(entries, {}, &Entry::tag);
  return entries;
}

/// Puts bytes into the head of a file, which grows as needed.
void put(std::vector<std::byte>& head, std::int64_t at, std::span<const std::byte> bytes) {
  const auto end = static_cast<std::size_t>(at) + bytes.size();
  if (head.size() < end) head.resize(end);
  std::ranges::copy(bytes, head.begin() + at);
}

template <class Number>
requires std::is_arithmetic_v<Number>
void put(std::vector<std::byte>& head, std::int64_t at, Number number) {
  put(head, at, std::as_bytes(std::span(&number, 1)));
}

TiffLayout lay_out(const TiledImage& image, bool big) {
  const std::vector<Entry> entries = make_entries(image, big);
  const auto count = static_cast<std::int64_t>(entries.size());
  const std::int64_t directory_at = big ? 16 : 8;
  const std::int64_t entry_bytes = big ? 20 : 12;
  const std::int64_t inline_bytes = big ? 8 : 4;
  std::int64_t at = directory_at + (big ? 8 : 2);
  std::int64_t free = at + count * entry_bytes + inline_bytes;  // behind the directory and its link to the next one

  TiffLayout layout{.big = big, .head = {}};
  std::vector<std::byte>& head = layout.head;
  // Puts a number, which has 8 bytes in a BigTIFF and 4 in a classic TIFF.
  const auto put_word = [&head, big](std::int64_t offset, std::uint64_t number) {
    big ? put(head, offset, number) : put(head, offset, static_cast<std::uint32_t>(number));
  };
  const std::uint16_t order = std::endian::native == std::endian::little ? TIFF_LITTLEENDIAN : TIFF_BIGENDIAN;
  put(head, 0, order);
  put(head, 2, static_cast<std::uint16_t>(big ? TIFF_VERSION_BIG : TIFF_VERSION_CLASSIC));
  if (big) {
    put(head, 4, std::uint16_t{8});
    put(head, 8, static_cast<std::uint64_t>(directory_at));
    put(head, directory_at, static_cast<std::uint64_t>(count));
  } else {
    put(head, 4, static_cast<std::uint32_t>(directory_at));
    put(head, directory_at, static_cast<std::uint16_t>(count));
  }
  for (const Entry& entry : entries) {
    put(head, at, entry.tag);
    put(head, at + 2, entry.type);
    put_word(at + 4, entry.count);
    std::int64_t value_at = at + entry_bytes - inline_bytes;
    if (entry.bytes() > inline_bytes) {
      const std::int64_t pointer_at = std::exchange(value_at, round_up(free, 8));
      put_word(pointer_at, static_cast<std::uint64_t>(value_at));
      free = value_at + entry.bytes();
    }
    if (!entry.value.empty()) put(head, value_at, entry.value);
    if (entry.tag == TIFFTAG_TILEOFFSETS) layout.offsets_at = value_at;
    if (entry.tag == TIFFTAG_TILEBYTECOUNTS) layout.counts_at = value_at;
    at += entry_bytes;
  }
  put_word(at, 0);
  constexpr std::int64_t alignment = 16;
  layout.data_offset = round_up(free, alignment);
  return layout;
}

}  // namespace

void TiffLayout::append_offset(std::int64_t offset, std::vector<std::byte>& table) const {
  const auto wide = static_cast<std::uint64_t>(offset);
  const auto narrow = static_cast<std::uint32_t>(offset);
  const auto bytes = big ? std::as_bytes(std::span(&wide, 1)) : std::as_bytes(std::span(&narrow, 1));
  table.insert(table.end(), bytes.begin(), bytes.end());
}

std::string nodata_text(double value) { return std::isnan(value) ? "nan" : fmt::format("{}", value); }

TiffLayout lay_out_tiff(const TiledImage& image, std::int64_t limit) {
  // Compressed data may be larger than the samples; with LZW, by half at worst.
  const std::int64_t raw = image.tile_count() * image.tile_bytes();
  const std::int64_t most = image.compression == Compression::none ? raw : raw + raw / 2;
  TiffLayout classic = lay_out(image, false);
  return classic.data_offset + most <= limit ? classic : lay_out(image, true);
}

int tiff_compression(Compression compression) {
  if (compression == Compression::none) return COMPRESSION_NONE;
  if (compression == Compression::deflate) return COMPRESSION_ADOBE_DEFLATE;
  if (compression == Compression::lzw) return COMPRESSION_LZW;
  return COMPRESSION_ZSTD;
}

}  // namespace haloedge

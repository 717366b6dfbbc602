#include "formats/tiff_layout.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <span>
#include <type_traits>
#include <utility>

#include <tiff.h>

namespace haloedge {

namespace {

/// One entry of the directory: a value, or a table that is filled in later.
struct Entry {
  std::uint16_t tag = 0;
  std::uint16_t type = 0;
  std::uint64_t count = 0;
  std::vector<std::byte> value{};
  std::int64_t table_bytes = 0;
  std::int64_t value_at = 0;  ///< where the value or table stands in the file

  [[nodiscard]] bool is_table() const { return table_bytes > 0; }
  [[nodiscard]] std::int64_t bytes() const {
    return is_table() ? table_bytes : static_cast<std::int64_t>(value.size());
  }
};

template <class Number>
Entry entry(std::uint16_t tag, TIFFDataType type, std::initializer_list<Number> numbers) {
  const auto bytes = std::as_bytes(std::span(numbers.begin(), numbers.size()));
  const std::size_t count = numbers.size() / (type == TIFF_RATIONAL ? 2 : 1);
  return {tag, static_cast<std::uint16_t>(type), count, {bytes.begin(), bytes.end()}};
}

Entry table_entry(std::uint16_t tag, TIFFDataType type, std::int64_t entries, std::int64_t entry_bytes) {
  return {tag, static_cast<std::uint16_t>(type), static_cast<std::uint64_t>(entries), {}, entries * entry_bytes};
}

Entry short_entry(std::uint16_t tag, int value) { return entry(tag, TIFF_SHORT, {static_cast<std::uint16_t>(value)}); }

Entry long_entry(std::uint16_t tag, std::int64_t value) {
  return entry(tag, TIFF_LONG, {static_cast<std::uint32_t>(value)});
}

/// As a fraction of 32-bit numbers, exact for up to three decimals.
Entry rational_entry(std::uint16_t tag, double value) {
  constexpr double most = 4'294'967'295.0;
  const double denominator = value * 1000 <= most ? 1000 : 1;
  return entry(tag, TIFF_RATIONAL,
               {static_cast<std::uint32_t>(std::lround(std::clamp(value * denominator, 0.0, most))),
                static_cast<std::uint32_t>(denominator)});
}

void add_metadata(const Metadata& metadata, std::vector<Entry>& entries) {
  if (metadata.orientation) entries.push_back(short_entry(TIFFTAG_ORIENTATION, *metadata.orientation));
  if (metadata.resolution) {
    entries.push_back(rational_entry(TIFFTAG_XRESOLUTION, metadata.resolution->x));
    entries.push_back(rational_entry(TIFFTAG_YRESOLUTION, metadata.resolution->y));
    entries.push_back(short_entry(TIFFTAG_RESOLUTIONUNIT, metadata.resolution->unit));
  }
  for (const TiffTag& tag : metadata.geo_tags) entries.push_back({tag.id, tag.type, tag.count, tag.value});
  if (metadata.icc_is_gray) {
    entries.push_back({TIFFTAG_ICCPROFILE, TIFF_UNDEFINED, metadata.icc_profile.size(), metadata.icc_profile});
  }
}

std::vector<Entry> make_entries(const TiffImage& image, bool big) {
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
      table_entry(TIFFTAG_TILEOFFSETS, big ? TIFF_LONG8 : TIFF_LONG, image.tile_count(), big ? 8 : 4),
      table_entry(TIFFTAG_TILEBYTECOUNTS, TIFF_LONG, image.tile_count(), 4),
      short_entry(TIFFTAG_SAMPLEFORMAT, is_float ? SAMPLEFORMAT_IEEEFP : SAMPLEFORMAT_UINT),
  };
  add_metadata(image.metadata, entries);
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.tag < b.tag; });
  return entries;
}

constexpr std::int64_t round_up(std::int64_t value, std::int64_t step) { return (value + step - 1) / step * step; }

/// The widths in which classic TIFF and BigTIFF differ.
struct Widths {
  bool big = false;

  [[nodiscard]] std::int64_t directory_at() const { return big ? 16 : 8; }
  [[nodiscard]] std::int64_t first_entry_at() const { return directory_at() + (big ? 8 : 2); }
  [[nodiscard]] std::int64_t entry() const { return big ? 20 : 12; }
  /// Of an offset; a value no larger than this stands in its entry.
  [[nodiscard]] std::int64_t offset() const { return big ? 8 : 4; }
};

/// Gives each value its place: in its entry if it fits there, else behind the directory, the tables after all others,
/// so that what is known at once stands in one piece. Returns the end of the last.
std::int64_t place_values(std::vector<Entry>& entries, const Widths& widths) {
  std::int64_t free =
      widths.first_entry_at() + static_cast<std::int64_t>(entries.size()) * widths.entry() + widths.offset();
  for (const bool tables : {false, true}) {
    std::int64_t entry_end = widths.first_entry_at();
    for (Entry& entry : entries) {
      entry_end += widths.entry();
      if (entry.is_table() != tables) continue;
      entry.value_at = entry_end - widths.offset();
      if (entry.bytes() <= widths.offset()) continue;
      entry.value_at = round_up(free, 8);
      free = entry.value_at + entry.bytes();
    }
  }
  return free;
}

/// Writes numbers into the head, which grows as needed.
class Head {
 public:
  explicit Head(const Widths& widths) : widths_(widths) {}

  template <class Number>
  requires std::is_arithmetic_v<Number>
  void put(std::int64_t at, Number number) { put(at, std::as_bytes(std::span(&number, 1))); }
  void put(std::int64_t at, std::span<const std::byte> bytes) {
    const auto end = static_cast<std::size_t>(at) + bytes.size();
    if (bytes_.size() < end) bytes_.resize(end);
    std::copy(bytes.begin(), bytes.end(), bytes_.begin() + at);
  }
  /// A number that is as wide as an offset.
  void put_wide(std::int64_t at, std::uint64_t number) {
    if (widths_.big) {
      put(at, number);
    } else {
      put(at, static_cast<std::uint32_t>(number));
    }
  }
  [[nodiscard]] std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  Widths widths_;
  std::vector<std::byte> bytes_;
};

std::vector<std::byte> make_head(const std::vector<Entry>& entries, const Widths& widths) {
  Head head(widths);
  const std::uint16_t order = std::endian::native == std::endian::little ? TIFF_LITTLEENDIAN : TIFF_BIGENDIAN;
  head.put(0, order);
  head.put(2, static_cast<std::uint16_t>(widths.big ? TIFF_VERSION_BIG : TIFF_VERSION_CLASSIC));
  if (widths.big) head.put(4, std::uint16_t{8});  // bytes of an offset
  head.put_wide(widths.directory_at() - widths.offset(), static_cast<std::uint64_t>(widths.directory_at()));
  if (widths.big) {
    head.put(widths.directory_at(), std::uint64_t{entries.size()});
  } else {
    head.put(widths.directory_at(), static_cast<std::uint16_t>(entries.size()));
  }
  std::int64_t at = widths.first_entry_at();
  for (const Entry& entry : entries) {
    head.put(at, entry.tag);
    head.put(at + 2, entry.type);
    head.put_wide(at + 4, entry.count);
    at += widths.entry();
    head.put_wide(at - widths.offset(), 0);
    if (entry.bytes() > widths.offset()) {
      head.put_wide(at - widths.offset(), static_cast<std::uint64_t>(entry.value_at));
    }
    if (!entry.is_table()) head.put(entry.value_at, entry.value);
  }
  head.put_wide(at, 0);  // no other directory
  return head.take();
}

TiffLayout lay_out(const TiffImage& image, bool big) {
  const Widths widths{big};
  std::vector<Entry> entries = make_entries(image, big);
  constexpr std::int64_t alignment = 16;
  TiffLayout layout{.big = big, .head = {}};
  layout.data_offset = round_up(place_values(entries, widths), alignment);
  layout.head = make_head(entries, widths);
  for (const Entry& entry : entries) {
    if (entry.tag == TIFFTAG_TILEOFFSETS) layout.offsets_at = entry.value_at;
    if (entry.tag == TIFFTAG_TILEBYTECOUNTS) layout.counts_at = entry.value_at;
  }
  return layout;
}

}  // namespace

TiffLayout lay_out_tiff(const TiffImage& image, std::int64_t limit) {
  // Compressed data may be larger than what went in: LZW at worst by a half.
  const std::int64_t raw = image.tile_count() * image.tile_bytes();
  const std::int64_t most = image.compression == Compression::none ? raw : raw + raw / 2;
  TiffLayout classic = lay_out(image, false);
  return classic.data_offset + most <= limit ? classic : lay_out(image, true);
}

int tiff_compression(Compression compression) {
  switch (compression) {
    case Compression::none:
      return COMPRESSION_NONE;
    case Compression::deflate:
      return COMPRESSION_ADOBE_DEFLATE;
    case Compression::lzw:
      return COMPRESSION_LZW;
    case Compression::zstd:
      break;
  }
  return COMPRESSION_ZSTD;
}

}  // namespace haloedge

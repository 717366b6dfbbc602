#include "formats/tiff_header.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/size_text.hpp"
#include "formats/tiff_metadata.hpp"

namespace haloedge {

namespace {

using kernels::SampleType;

constexpr std::int64_t largest_side = std::int64_t{1} << 31;
/// No codec makes more of a byte: Zstandard's runs, the densest, reach 43,000.
constexpr std::int64_t densest_compression = 50'000;

[[noreturn]] void refuse(const TiffHandle& handle, const std::string& what) {
  throw Error(fmt::format("{}: {}", handle.path().string(), what));
}

[[noreturn]] void not_supported(const TiffHandle& handle, const std::string& what) {
  refuse(handle, fmt::format("{} is not supported; convert the file first, with gdal_translate or vips copy", what));
}

SampleType sample_type(const TiffHandle& handle, int bits, int format) {
  const bool integer = format == SAMPLEFORMAT_UINT || format == SAMPLEFORMAT_VOID;
  if (integer && (bits == 1 || bits == 2 || bits == 4 || bits == 8)) return SampleType::u8;
  if (integer && bits == 16) return SampleType::u16;
  if (format == SAMPLEFORMAT_IEEEFP && bits == 32) return SampleType::f32;
  const char* kind = format == SAMPLEFORMAT_INT      ? "signed integer"
                     : format == SAMPLEFORMAT_IEEEFP ? "float"
                                                     : "integer";
  not_supported(handle, fmt::format("{}-bit {} samples", bits, kind));
}

/// The colour map as 8-bit RGB. Some writers put 8-bit values into its 16-bit entries.
std::vector<std::uint8_t> read_palette(const TiffHandle& handle, int bits) {
  std::array<std::uint16_t*, 3> maps{};
  if (TIFFGetField(handle.get(), TIFFTAG_COLORMAP, &maps[0], &maps[1], &maps[2]) != 1) {
    refuse(handle, "a palette image without a palette");
  }
  const std::size_t entries = std::size_t{1} << bits;
  bool wide = false;
  for (const std::uint16_t* map : maps) wide = wide || std::any_of(map, map + entries, [](auto v) { return v > 255; });
  std::vector<std::uint8_t> palette;
  for (std::size_t i = 0; i < entries; ++i) {
    for (const std::uint16_t* map : maps) palette.push_back(static_cast<std::uint8_t>(wide ? map[i] / 257 : map[i]));
  }
  return palette;
}

void read_photometric(const TiffHandle& handle, TiffHeader& header) {
  const int photometric = handle.tag<std::uint16_t>(TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  ImageInfo& image = header.image;
  switch (photometric) {
    case PHOTOMETRIC_MINISWHITE:
      header.inverted = true;
      [[fallthrough]];
    case PHOTOMETRIC_MINISBLACK:
      // More than gray and alpha: other bands, of which the first is shown.
      image.channels = header.samples == 2 ? 2 : 1;
      break;
    case PHOTOMETRIC_RGB:
      if (header.samples < 3) refuse(handle, fmt::format("an RGB image with {} sample(s) a pixel", header.samples));
      image.channels = header.samples == 4 ? 4 : 3;
      break;
    case PHOTOMETRIC_PALETTE:
      if (header.bits > 8) not_supported(handle, fmt::format("a palette of {}-bit indices", header.bits));
      header.palette = read_palette(handle, header.bits);
      image.channels = 3;
      break;
    case PHOTOMETRIC_YCBCR:
      if (header.compression != COMPRESSION_JPEG) not_supported(handle, "YCbCr colour without JPEG compression");
      TIFFSetField(handle.get(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
      image.channels = 3;
      break;
    default:
      not_supported(handle, fmt::format("photometric interpretation {} (CMYK, CIELab, ...)", photometric));
  }
  if (header.bits < 8 && header.samples != 1) {
    not_supported(handle, fmt::format("{} samples of {} bits a pixel", header.samples, header.bits));
  }
}

void read_blocks(TiffHandle& handle, TiffHeader& header) {
  TIFF* tiff = handle.get();
  header.tiled = TIFFIsTiled(tiff) != 0;
  const bool planar = handle.tag<std::uint16_t>(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) == PLANARCONFIG_SEPARATE;
  header.planes = planar ? header.samples : 1;
  if (header.tiled) {
    header.block_width = handle.tag<std::uint32_t>(TIFFTAG_TILEWIDTH, 0);
    header.block_rows = handle.tag<std::uint32_t>(TIFFTAG_TILELENGTH, 0);
  } else {
    header.block_width = header.image.width;
    header.block_rows = std::min<std::int64_t>(handle.tag<std::uint32_t>(TIFFTAG_ROWSPERSTRIP, 0), header.image.height);
  }
  if (header.block_width < 1 || header.block_width > largest_side || header.block_rows < 1 ||
      header.block_rows > largest_side) {
    refuse(handle, fmt::format("tiles or strips of {} x {} px", header.block_width, header.block_rows));
  }
  const int samples_together = planar ? 1 : header.samples;
  header.row_bytes = (header.block_width * samples_together * header.bits + 7) / 8;
  if (header.row_bytes > largest_side) refuse(handle, "rows of more than 2 GiB");
  header.block_bytes = header.row_bytes * header.block_rows;
}

/// A header may claim anything: what it claims must be possible in a file of this size.
void check_against_file(const TiffHandle& handle, const TiffHeader& header) {
  const std::int64_t file_bytes = TIFFGetSizeProc(handle.get())(TIFFClientdata(handle.get())) & INT64_MAX;
  const std::int64_t blocks = header.blocks_across() * header.blocks_down();
  constexpr std::int64_t table_bytes_a_block = 4;  // at the very least, of offset and byte count
  const std::int64_t row_bytes = header.row_bytes * header.blocks_across() * header.planes;
  const std::int64_t possible = header.compression == COMPRESSION_NONE ? 1 : densest_compression;
  if (blocks > file_bytes / table_bytes_a_block || header.image.height > file_bytes * possible / row_bytes + 1) {
    refuse(handle,
           fmt::format("the header claims {} x {} px, which cannot be in a file of {}: it is broken or truncated",
                       count_text(header.image.width), count_text(header.image.height), size_text(file_bytes)));
  }
}

bool is_plain(const TiffHandle& handle, const TiffHeader& header) {
  const bool in_order = handle.tag<std::uint16_t>(TIFFTAG_FILLORDER, FILLORDER_MSB2LSB) == FILLORDER_MSB2LSB;
  return header.compression == COMPRESSION_NONE && in_order;
}

}  // namespace

bool TiffHeader::direct() const {
  return planes == 1 && bits >= 8 && palette.empty() && !inverted && samples == image.channels;
}

TiffHeader read_tiff_header(TiffHandle& handle) {
  TiffHeader header;
  ImageInfo& image = header.image;
  image.width = handle.tag<std::uint32_t>(TIFFTAG_IMAGEWIDTH, 0);
  image.height = handle.tag<std::uint32_t>(TIFFTAG_IMAGELENGTH, 0);
  if (image.width < 1 || image.height < 1 || image.width > largest_side || image.height > largest_side) {
    refuse(handle, fmt::format("an image of {} x {} px", image.width, image.height));
  }
  header.samples = handle.tag<std::uint16_t>(TIFFTAG_SAMPLESPERPIXEL, 1);
  header.bits = handle.tag<std::uint16_t>(TIFFTAG_BITSPERSAMPLE, 1);
  header.compression = handle.tag<std::uint16_t>(TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  if (header.samples < 1) refuse(handle, "no samples");
  image.type = sample_type(handle, header.bits, handle.tag<std::uint16_t>(TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT));
  if (TIFFIsCODECConfigured(static_cast<std::uint16_t>(header.compression)) != 1) {
    not_supported(handle, fmt::format("compression {} (not in this libtiff)", header.compression));
  }
  read_photometric(handle, header);
  read_blocks(handle, header);
  check_against_file(handle, header);
  header.plain = is_plain(handle, header);
  image.metadata = read_tiff_metadata(handle);
  image.description = describe_tiff(handle, header);
  return header;
}

}  // namespace haloedge

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/number_text.hpp"
#include "formats/tiff_reader.hpp"
#include "kernels/arithmetic.hpp"

namespace haloedge {

namespace {

using kernels::SampleType;

constexpr std::int64_t largest_side = std::int64_t{1} << 31;

[[noreturn]] void refuse(const TiffHandle& handle, const std::string& what) {
  throw Error(fmt::format("{}: {}", handle.path().string(), what));
}

/// Programs that convert what haloedge does not read; `any_samples` keeps the values of the samples, and `any_colour`
/// the colours that people see.
constexpr const char* any_samples = "gdal_translate -ot Float32 in.tif out.tif (1.0 is then white)";
constexpr const char* any_colour = "vips colourspace in.tif out.tif srgb";

[[noreturn]] void not_supported(const TiffHandle& handle, const std::string& what, const char* converter) {
  refuse(handle, fmt::format("haloedge cannot read {}: convert the file first, with {}", what, converter));
}

const char* kind_of_samples(int format) {
  switch (format) {
    case SAMPLEFORMAT_INT: return "signed integer";
    case SAMPLEFORMAT_IEEEFP: return "float";
    case SAMPLEFORMAT_COMPLEXINT:
    case SAMPLEFORMAT_COMPLEXIEEEFP: return "complex";
    default: return "integer";
  }
}

SampleType sample_type(const TiffHandle& handle, int bits, int format) {
  const bool integer = format == SAMPLEFORMAT_UINT || format == SAMPLEFORMAT_VOID;
  if (integer && (bits == 1 || bits == 2 || bits == 4 || bits == 8)) return SampleType::u8;
  if (integer && bits == 16) return SampleType::u16;
  if (format == SAMPLEFORMAT_IEEEFP && bits == 32) return SampleType::f32;
  not_supported(handle, fmt::format("{}-bit {} samples", bits, kind_of_samples(format)), any_samples);
}

/// The colour map as 8-bit RGB. Some writers put 8-bit values into its 16-bit entries.
std::vector<std::uint8_t> read_palette(const TiffHandle& handle, int bits) {
  std::array<std::uint16_t*, 3> maps{};
  if (TIFFGetField(handle.get(), TIFFTAG_COLORMAP, &maps[0], &maps[1], &maps[2]) != 1) {
    refuse(handle, "is a palette image without a palette");
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

std::string photometric_name(int photometric) {
  if (photometric == PHOTOMETRIC_SEPARATED) return "CMYK";
  if (photometric == PHOTOMETRIC_CIELAB) return "CIELab";
  if (photometric == PHOTOMETRIC_ICCLAB) return "ICCLab";
  if (photometric == PHOTOMETRIC_LOGL || photometric == PHOTOMETRIC_LOGLUV) return "LogLuv";
  return fmt::format("photometric interpretation {}", photometric);
}

bool is_planar(const TiffHandle& handle) {
  return handle.tag<std::uint16_t>(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) == PLANARCONFIG_SEPARATE;
}

void read_photometric(const TiffHandle& handle, TiffHeader& header) {
  const std::uint16_t likely = header.samples >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
  const int photometric = handle.tag<std::uint16_t>(TIFFTAG_PHOTOMETRIC, likely);
  ImageInfo& image = header.image;
  switch (photometric) {
    case PHOTOMETRIC_MINISWHITE: header.inverted = true; [[fallthrough]];
    case PHOTOMETRIC_MINISBLACK:
      // With more than two samples, these are bands, of which the first is read.
      image.channels = header.samples == 2 ? 2 : 1;
      break;
    case PHOTOMETRIC_RGB:
      if (header.samples < 3)
        refuse(handle, fmt::format("is an RGB image with {} per pixel", count_text(header.samples, "sample")));
      image.channels = header.samples == 4 ? 4 : 3;
      break;
    case PHOTOMETRIC_PALETTE:
      if (header.bits > 8) not_supported(handle, fmt::format("a palette of {}-bit indices", header.bits), any_colour);
      header.palette = read_palette(handle, header.bits);
      image.channels = 3;
      break;
    case PHOTOMETRIC_YCBCR:
      if (header.compression != COMPRESSION_JPEG || header.samples != 3 || is_planar(handle)) {
        not_supported(handle, "YCbCr colour other than JPEG's own", any_colour);
      }
      image.channels = 3;
      break;
    default: not_supported(handle, fmt::format("{} colour", photometric_name(photometric)), any_colour);
  }
  if (header.bits < 8 && header.samples != 1) {
    not_supported(handle, fmt::format("{} samples of {} bits per pixel", header.samples, header.bits), any_samples);
  }
}

void read_blocks(TiffHandle& handle, TiffHeader& header) {
  TIFF* tiff = handle.get();
  header.tiled = TIFFIsTiled(tiff) != 0;
  const bool planar = is_planar(handle);
  header.block_samples = planar ? 1 : header.samples;
  // The planes of bands that are not read do not count.
  header.planes = planar && header.palette.empty() ? header.image.channels : 1;
  if (header.tiled) {
    header.block_width = handle.tag<std::uint32_t>(TIFFTAG_TILEWIDTH, 0);
    header.block_rows = handle.tag<std::uint32_t>(TIFFTAG_TILELENGTH, 0);
  } else {
    header.block_width = header.image.width;
    header.block_rows = std::min<std::int64_t>(handle.tag<std::uint32_t>(TIFFTAG_ROWSPERSTRIP, 0), header.image.height);
  }
  if (header.block_width < 1 || header.block_width > largest_side || header.block_rows < 1 ||
      header.block_rows > largest_side) {
    refuse(handle, fmt::format("has tiles or strips of {} x {} px", header.block_width, header.block_rows));
  }
  header.row_bytes = divide_up(header.block_width * header.block_samples * header.bits, 8);
  if (header.row_bytes > largest_side) refuse(handle, "has rows of more than 2 GiB");
  const std::uint64_t own_row_bytes = header.tiled ? TIFFTileRowSize64(tiff) : TIFFScanlineSize64(tiff);
  if (own_row_bytes != static_cast<std::uint64_t>(header.row_bytes)) {
    refuse(handle, fmt::format("has rows of {} bytes instead of {} bytes", own_row_bytes, header.row_bytes));
  }
  header.block_bytes = header.row_bytes * header.block_rows;
}

/// The most bytes that a codec can make of one byte.
double densest(int compression) {
  constexpr std::array dense{COMPRESSION_PACKBITS, COMPRESSION_LZW,  COMPRESSION_ADOBE_DEFLATE,
                             COMPRESSION_DEFLATE,  COMPRESSION_JPEG, COMPRESSION_ZSTD};
  if (compression == COMPRESSION_NONE) return 1;
  if (std::ranges::find(dense, compression) != dense.end()) return 5e4;  // Zstandard's runs, the densest, reach 43,000
  return 5e7;  // a blank fax row takes one bit, a blank LERC tile some dozens of bytes
}

/// Refuses a header whose image cannot be in a file of this size: a damaged header may claim anything.
void check_against_file(const TiffHandle& handle, const TiffHeader& header) {
  const auto file_bytes = static_cast<std::int64_t>(std::filesystem::file_size(handle.path()));
  const std::int64_t blocks = header.blocks_across() * header.blocks_down();
  constexpr std::int64_t table_bytes_a_block = 4;  // the least that an offset and a byte count take
  const std::int64_t row_bytes = header.row_bytes * header.blocks_across() * header.planes;
  const double max_rows =
      static_cast<double>(file_bytes) * densest(header.compression) / static_cast<double>(row_bytes) + 1;
  if (blocks > file_bytes / table_bytes_a_block || static_cast<double>(header.image.height) > max_rows) {
    refuse(handle,
           fmt::format("the header claims {} x {} px, which a file of {} cannot contain: it is damaged or truncated",
                       count_text(header.image.width), count_text(header.image.height), size_text(file_bytes)));
  }
}

std::vector<TiffTag> read_geo_tags(const TiffHandle& handle) {
  std::vector<TiffTag> found;
  for (const GeoTag& tag : geo_tags) {
    std::uint16_t count = 0;
    const void* values = nullptr;
    if (tag.type == TIFF_ASCII) {
      if (TIFFGetField(handle.get(), tag.id, &values) != 1) continue;
      count = static_cast<std::uint16_t>(std::strlen(static_cast<const char*>(values)) + 1);
    } else if (TIFFGetField(handle.get(), tag.id, &count, &values) != 1) {
      continue;
    }
    const auto* bytes = static_cast<const std::byte*>(values);
    found.push_back({tag.id,
                     static_cast<std::uint16_t>(tag.type),
                     count,
                     {bytes, bytes + std::ptrdiff_t{count} * TIFFDataWidth(tag.type)}});
  }
  return found;
}

bool is_deflate(int compression) {
  return compression == COMPRESSION_ADOBE_DEFLATE || compression == COMPRESSION_DEFLATE;
}

std::string compression_name(int compression) {
  if (compression == COMPRESSION_NONE) return "none";
  if (is_deflate(compression)) return "Deflate";
  if (compression == COMPRESSION_LZW) return "LZW";
  const TIFFCodec* codec = TIFFFindCODEC(static_cast<std::uint16_t>(compression));
  return codec != nullptr ? codec->name : std::to_string(compression);
}

std::string photometric_text(const TiffHandle& handle, const TiffHeader& header) {
  if (!header.palette.empty()) return "palette, read as RGB";
  if (header.inverted) return "gray, white is 0, read inverted";
  if (handle.tag<std::uint16_t>(TIFFTAG_PHOTOMETRIC, 1) == PHOTOMETRIC_YCBCR) return "YCbCr, read as RGB";
  return header.image.channels >= 3 ? "RGB" : "gray";
}

/// Reads resolution, ICC profile, GeoTIFF tags and orientation of the page.
Metadata read_metadata(const TiffHandle& handle) {
  Metadata metadata;
  float x = 0;
  float y = 0;
  if (TIFFGetField(handle.get(), TIFFTAG_XRESOLUTION, &x) == 1 &&
      TIFFGetField(handle.get(), TIFFTAG_YRESOLUTION, &y) == 1) {
    metadata.resolution = {double{x}, double{y}, handle.tag<std::uint16_t>(TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH)};
  }
  std::uint32_t icc_bytes = 0;
  const void* icc = nullptr;
  if (TIFFGetField(handle.get(), TIFFTAG_ICCPROFILE, &icc_bytes, &icc) == 1) {
    const auto* bytes = static_cast<const std::byte*>(icc);
    metadata.icc_profile.assign(bytes, bytes + icc_bytes);
  }
  std::uint16_t orientation = 0;
  if (TIFFGetField(handle.get(), TIFFTAG_ORIENTATION, &orientation) == 1) metadata.orientation = orientation;
  metadata.geo_tags = read_geo_tags(handle);
  return metadata;
}

/// Describes the page for people; see ImageInfo::description.
std::vector<std::pair<std::string, std::string>> describe(const TiffHandle& handle, const TiffHeader& header) {
  TIFF* tiff = handle.get();
  const bool may_predict =
      is_deflate(header.compression) || header.compression == COMPRESSION_LZW || header.compression == COMPRESSION_ZSTD;
  const int predictor = handle.tag<std::uint16_t>(TIFFTAG_PREDICTOR, PREDICTOR_NONE);
  const std::string predicted = may_predict ? fmt::format(", predictor {}", predictor) : "";
  std::vector<std::pair<std::string, std::string>> lines{
      {"format", fmt::format("{}, {}-endian", TIFFIsBigTIFF(tiff) != 0 ? "BigTIFF" : "TIFF",
                             TIFFIsBigEndian(tiff) != 0 ? "big" : "little")},
      {"page", fmt::format("{} of {}, counted from 0", TIFFCurrentDirectory(tiff), TIFFNumberOfDirectories(tiff))},
      {"in the file",
       fmt::format("{} of {} bits, {}{}", count_text(header.samples, "sample"), header.bits,
                   photometric_text(handle, header), header.block_samples < header.samples ? ", in planes" : "")},
      {header.tiled ? "tiles" : "strips", fmt::format("{} x {} px", header.block_width, header.block_rows)},
      {"compression", compression_name(header.compression) + predicted},
  };
  if (!header.image.metadata.geo_tags.empty()) lines.emplace_back("georeference", "GeoTIFF tags, carried over");
  return lines;
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
    refuse(handle, fmt::format("has a size of {} x {} px", image.width, image.height));
  }
  header.samples = handle.tag<std::uint16_t>(TIFFTAG_SAMPLESPERPIXEL, 1);
  header.bits = handle.tag<std::uint16_t>(TIFFTAG_BITSPERSAMPLE, 1);
  header.compression = handle.tag<std::uint16_t>(TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  if (header.samples < 1) refuse(handle, "has no samples");
  image.type = sample_type(handle, header.bits, handle.tag<std::uint16_t>(TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT));
  if (TIFFIsCODECConfigured(static_cast<std::uint16_t>(header.compression)) != 1) {
    not_supported(handle, fmt::format("compression {} (not in this libtiff)", header.compression),
                  "a program that reads this compression");
  }
  read_photometric(handle, header);
  read_blocks(handle, header);
  check_against_file(handle, header);
  const bool in_order = handle.tag<std::uint16_t>(TIFFTAG_FILLORDER, FILLORDER_MSB2LSB) == FILLORDER_MSB2LSB;
  header.plain = header.compression == COMPRESSION_NONE && in_order;
  image.metadata = read_metadata(handle);
  image.description = describe(handle, header);
  return header;
}

}  // namespace haloedge

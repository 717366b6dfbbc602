#include "formats/tiff_metadata.hpp"

#include <cstring>

#include <fmt/format.h>

#include "formats/tiff_header.hpp"
#include "formats/tiff_tags.hpp"

namespace haloedge {

namespace {

std::int64_t element_bytes(TIFFDataType type) { return type == TIFF_DOUBLE ? 8 : type == TIFF_SHORT ? 2 : 1; }

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
    found.push_back(
        {tag.id, static_cast<std::uint16_t>(tag.type), count, {bytes, bytes + count * element_bytes(tag.type)}});
  }
  return found;
}

std::string compression_name(int compression) {
  switch (compression) {
    case COMPRESSION_NONE:
      return "none";
    case COMPRESSION_ADOBE_DEFLATE:
    case COMPRESSION_DEFLATE:
      return "Deflate";
    case COMPRESSION_LZW:
      return "LZW";
    default: {
      const TIFFCodec* codec = TIFFFindCODEC(static_cast<std::uint16_t>(compression));
      return codec != nullptr ? codec->name : std::to_string(compression);
    }
  }
}

std::string photometric_name(const TiffHandle& handle, const TiffHeader& header) {
  if (!header.palette.empty()) return "palette, read as RGB";
  if (header.inverted) return "gray, white is 0, read inverted";
  if (handle.tag<std::uint16_t>(TIFFTAG_PHOTOMETRIC, 1) == PHOTOMETRIC_YCBCR) return "YCbCr, read as RGB";
  return header.image.channels >= 3 ? "RGB" : "gray";
}

}  // namespace

bool icc_is_gray(const std::vector<std::byte>& profile) {
  constexpr std::size_t colour_space_at = 16;
  return profile.size() >= 128 && std::memcmp(profile.data() + colour_space_at, "GRAY", 4) == 0;
}

Metadata read_tiff_metadata(const TiffHandle& handle) {
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
    metadata.icc_is_gray = icc_is_gray(metadata.icc_profile);
  }
  std::uint16_t orientation = 0;
  if (TIFFGetField(handle.get(), TIFFTAG_ORIENTATION, &orientation) == 1) metadata.orientation = orientation;
  metadata.geo_tags = read_geo_tags(handle);
  return metadata;
}

std::vector<std::pair<std::string, std::string>> describe_tiff(const TiffHandle& handle, const TiffHeader& header) {
  TIFF* tiff = handle.get();
  const int predictor = handle.tag<std::uint16_t>(TIFFTAG_PREDICTOR, PREDICTOR_NONE);
  const std::string predicted =
      header.compression == COMPRESSION_LZW || header.compression == COMPRESSION_ADOBE_DEFLATE ||
              header.compression == COMPRESSION_DEFLATE || header.compression == COMPRESSION_ZSTD
          ? fmt::format(", predictor {}", predictor)
          : "";
  std::vector<std::pair<std::string, std::string>> lines{
      {"format", fmt::format("{}, {}-endian", TIFFIsBigTIFF(tiff) != 0 ? "BigTIFF" : "TIFF",
                             TIFFIsBigEndian(tiff) != 0 ? "big" : "little")},
      {"page", fmt::format("{} of {}, counted from 0", TIFFCurrentDirectory(tiff), TIFFNumberOfDirectories(tiff))},
      {"in the file",
       fmt::format("{} sample(s) of {} bits, {}{}", header.samples, header.bits, photometric_name(handle, header),
                   header.block_samples < header.samples ? ", in planes" : "")},
      {header.tiled ? "tiles" : "strips", fmt::format("{} x {} px", header.block_width, header.block_rows)},
      {"compression", compression_name(header.compression) + predicted},
  };
  if (!header.image.metadata.geo_tags.empty()) lines.emplace_back("georeference", "GeoTIFF tags, carried over");
  return lines;
}

}  // namespace haloedge

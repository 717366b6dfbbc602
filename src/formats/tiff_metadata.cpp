#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "formats/descriptions.hpp"
#include "formats/tiff_reader.hpp"

namespace haloedge {

namespace {

/// Reads a tag whose value is a text or a list of numbers.
std::optional<TiffTag> read_tag(const TiffHandle& handle, std::uint16_t id, TIFFDataType type) {
  std::uint32_t count = 0;
  const void* values = nullptr;
  if (type == TIFF_ASCII) {
    if (TIFFGetField(handle.get(), id, &values) != 1) return std::nullopt;
    count = static_cast<std::uint32_t>(std::strlen(static_cast<const char*>(values)) + 1);
  } else if (TIFFGetField(handle.get(), id, &count, &values) != 1) {
    return std::nullopt;
  }
  const auto* bytes = static_cast<const std::byte*>(values);
  return TiffTag{id,
                 static_cast<std::uint16_t>(type),
                 count,
                 {bytes, bytes + std::size_t{count} * static_cast<std::size_t>(TIFFDataWidth(type))}};
}

/// Reads a tag whose value is text; an empty text if the page does not have it.
std::string read_text(const TiffHandle& handle, std::uint16_t id, TIFFDataType type = TIFF_ASCII) {
  const std::optional<TiffTag> tag = read_tag(handle, id, type);
  if (!tag) return "";
  const auto* first = reinterpret_cast<const char*>(tag->value.data());
  return {first, type == TIFF_ASCII ? tag->value.size() - 1 : tag->value.size()};
}

}  // namespace

Metadata read_tiff_metadata(const TiffHandle& handle, std::optional<int> band) {
  Metadata metadata;
  float x = 0;
  float y = 0;
  if (TIFFGetField(handle.get(), TIFFTAG_XRESOLUTION, &x) == 1 &&
      TIFFGetField(handle.get(), TIFFTAG_YRESOLUTION, &y) == 1) {
    metadata.resolution = {double{x}, double{y}, handle.tag<std::uint16_t>(TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH)};
  }
  if (auto icc = read_tag(handle, TIFFTAG_ICCPROFILE, TIFF_UNDEFINED)) metadata.icc_profile = std::move(icc->value);
  std::uint16_t orientation = 0;
  const bool is_set = TIFFGetField(handle.get(), TIFFTAG_ORIENTATION, &orientation) == 1;
  if (is_set && orientation >= ORIENTATION_TOPLEFT && orientation <= ORIENTATION_LEFTBOT) {
    metadata.orientation = orientation;
  }
  for (const PrivateTag& geo : geo_tags) {
    if (auto tag = read_tag(handle, geo.id, geo.type)) metadata.geo_tags.push_back(std::move(*tag));
  }
  for (const std::uint16_t id : text_tags) add_text(id, read_text(handle, id), metadata.texts);
  const std::string about_bands = read_text(handle, gdal_metadata_tag.id);
  add_text(gdal_metadata_tag.id, gdal_metadata_of_edge_map(about_bands, band), metadata.texts);
  metadata.xmp = xmp_of_edge_map(read_text(handle, TIFFTAG_XMLPACKET, TIFF_BYTE));
  return metadata;
}

}  // namespace haloedge

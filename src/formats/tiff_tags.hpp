#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <tiff.h>

namespace haloedge {

/// A tag of the GeoTIFF standard (OGC 19-008), which libtiff itself does not know.
struct GeoTag {
  std::uint16_t id;
  TIFFDataType type;
  const char* name;
};

inline constexpr std::size_t geo_tag_count = 6;
inline constexpr std::array<GeoTag, geo_tag_count> geo_tags{{
    {33550, TIFF_DOUBLE, "ModelPixelScale"},
    {33922, TIFF_DOUBLE, "ModelTiepoint"},
    {34264, TIFF_DOUBLE, "ModelTransformation"},
    {34735, TIFF_SHORT, "GeoKeyDirectory"},
    {34736, TIFF_DOUBLE, "GeoDoubleParams"},
    {34737, TIFF_ASCII, "GeoAsciiParams"},
}};

}  // namespace haloedge

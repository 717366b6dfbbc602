#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/image.hpp"
#include "formats/tiff_handle.hpp"

namespace haloedge {

struct TiffHeader;

/// Resolution, ICC profile, GeoTIFF tags and orientation of the page.
[[nodiscard]] Metadata read_tiff_metadata(const TiffHandle& handle);

/// The page for people; see ImageInfo::description.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> describe_tiff(const TiffHandle& handle,
                                                                             const TiffHeader& header);

/// True if an ICC profile is of a gray space (its colour space signature, ICC.1 7.2.6).
[[nodiscard]] bool icc_is_gray(const std::vector<std::byte>& profile);

}  // namespace haloedge

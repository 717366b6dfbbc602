#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "formats/tiff_layout.hpp"

namespace haloedge {

/// One tile's samples as they stand in the file: compressed by libtiff, whose codecs and predictors these are.
/// Thread-safe.
[[nodiscard]] std::vector<std::byte> encode_tiff_tile(const TiffImage& image, std::span<const std::byte> samples);

}  // namespace haloedge

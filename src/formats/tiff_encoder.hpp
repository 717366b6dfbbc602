#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "formats/tiff_layout.hpp"

namespace haloedge {

/// One tile's samples as they stand in the file: compressed by libtiff. Thread-safe. Throws Error.
///
/// Without a predictor: edge maps are differences already. Of edge maps of photos, Deflate files came out 4 (u8), 27
/// (u16) and 118 % (f32, floating-point predictor) larger with one.
[[nodiscard]] std::vector<std::byte> encode_tiff_tile(const TiffImage& image, std::span<const std::byte> samples);

}  // namespace haloedge

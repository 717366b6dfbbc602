#pragma once

#include <cstddef>
#include <vector>

#include "core/image.hpp"
#include "kernels/kernels.hpp"

namespace haloedge {

/// Converts `pixels`, the part of an image that decides, to samples of 8 bits, for measures that are defined for bytes:
/// interleaved as they are, rows without padding. Alpha becomes 0.
///
/// - Colours that are those of a picture of 8 bits become its bytes: samples that are all from 0 to 255, or these times
///   256 or 257 (integers) or 1/255 (floats).
/// - Else the range of the colours is stretched: the least one becomes 0, the largest one 255, and those between are
///   mapped linearly and rounded half to even. Pixels without data, as the file says, and NaN and infinite samples do
///   not count. They become 0, and infinity 255.
[[nodiscard]] std::vector<std::byte> to_bytes(const kernels::ConstPixels& pixels, const ImageInfo& image);

}  // namespace haloedge

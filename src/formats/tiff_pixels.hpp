#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "formats/tiff_header.hpp"

namespace haloedge {

/// Turns `width` pixels of one row as they lie in decoded blocks (one pointer per plane, to the row's first pixel) into
/// pixels as they are delivered: planes interleaved, palettes looked up, bits spread to bytes, white-is-0 turned over
/// (floats to 1 - value), samples beyond the colours dropped. Only for headers that are not direct().
void convert_tiff_row(const TiffHeader& header, const std::vector<const std::byte*>& planes, std::int64_t width,
                      std::byte* out);

}  // namespace haloedge

#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "formats/row_reader.hpp"

namespace haloedge {

/// The orientation (1 to 8, EXIF 2.32, tag 274) in the content of a JPEG's APP1 segment; 1 if the segment has none or
/// is broken.
[[nodiscard]] int exif_orientation(std::span<const std::byte> app1);

/// The image of `reader`, turned upright from this orientation. Orientations other than 1 and 2 are decoded as a whole
/// at the first read.
[[nodiscard]] std::unique_ptr<RowReader> orient(std::unique_ptr<RowReader> reader, int orientation);

}  // namespace haloedge

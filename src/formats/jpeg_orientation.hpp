#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "formats/row_reader.hpp"

namespace haloedge {

/// The orientation (1 to 8, EXIF 2.32, tag 274) in the content of a JPEG's APP1 segment; 1 where it has none or is
/// broken.
[[nodiscard]] int exif_orientation(std::span<const std::byte> app1);

/// The image that `reader` gives, turned so that it stands as its orientation says. Other than 1 and 2 need it as a
/// whole.
[[nodiscard]] std::unique_ptr<RowReader> orient(std::unique_ptr<RowReader> reader, int orientation);

}  // namespace haloedge

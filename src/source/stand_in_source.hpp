#pragma once

#include <memory>

#include "source/source.hpp"

namespace haloedge {

/// In place of an image that is not there yet, for planning: answers as a TIFF with tiles of 256 x 256 px would. Its
/// decode() throws.
[[nodiscard]] std::unique_ptr<Source> make_stand_in_source(ImageInfo image);

}  // namespace haloedge

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/image.hpp"

namespace haloedge {

/// Adds what an EXIF block says of its image: the orientation (1 to 8, EXIF 2.32, tag 274), and the texts of text_tags.
/// The block begins with the byte order: "II*\0" or "MM\0*". What is broken in it is left out. Pure.
void add_exif(std::span<const std::byte> exif, Metadata& metadata);

}  // namespace haloedge

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "source/source.hpp"

namespace haloedge {

/// A small picture of an image: gray or RGB, 8 bits a sample, interleaved.
struct Thumbnail {
  std::int64_t width = 0;
  std::int64_t height = 0;
  int channels = 1;
  std::vector<std::byte> samples;
};

/// The image with no more than `longer_side` pixels on its longer side, each the mean of the area that it covers; as
/// large as it is if that is less. Alpha is ignored; floats count 255 times their value. Of the image, no more than the
/// source decodes in one go is held. Throws Error if that would take more than `memory` bytes, and what the source
/// throws.
[[nodiscard]] Thumbnail make_thumbnail(Source& source, std::int64_t longer_side, std::int64_t memory);

/// The memory that takes. Pure.
[[nodiscard]] std::int64_t thumbnail_bytes(const Source& source, std::int64_t longer_side);

/// The bytes of a JPEG file, of a quality for looking at.
[[nodiscard]] std::vector<std::byte> to_jpeg(const Thumbnail& thumbnail);

}  // namespace haloedge

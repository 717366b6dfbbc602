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

/// Shrinks an image to at most `longer_side` pixels on its longer side; smaller images keep their size. Each pixel is
/// the mean of the area that it covers. Alpha is ignored. Means of other samples than u8 are converted by to_bytes();
/// an area with pixels without data becomes 0. No more of the image is in memory than the source decodes at a time.
/// Throws Error if that would take more than `memory` bytes, and the errors of `source`.
[[nodiscard]] Thumbnail make_thumbnail(Source& source, std::int64_t longer_side, std::int64_t memory);

/// The bytes of memory that make_thumbnail() takes.
[[nodiscard]] std::int64_t thumbnail_bytes(const Source& source, std::int64_t longer_side);

/// Encodes the thumbnail as a JPEG file.
[[nodiscard]] std::vector<std::byte> to_jpeg(const Thumbnail& thumbnail);

}  // namespace haloedge

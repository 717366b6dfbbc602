#pragma once

#include <cstdint>

#include "kernels/backend.hpp"
#include "source/source.hpp"

namespace haloedge {

/// The dHash of an image (see kernels::Dhash). Samples of 16 bits count with their high byte, as OpenCV reads them, and
/// floats with 255 times their value. Decodes only the rows that the hash depends on, if the format lets rows be left
/// out. Throws Error if that would take more than `memory` bytes, and the errors of `source`.
[[nodiscard]] std::uint64_t image_hash(Source& source, const kernels::Backend& backend, std::int64_t memory);

/// The bytes of memory that image_hash() takes.
[[nodiscard]] std::int64_t hashing_bytes(const Source& source);

}  // namespace haloedge

#pragma once

#include <cstdint>

#include "kernels/backend.hpp"
#include "source/source.hpp"

namespace haloedge {

/// The dHash of an image. Samples of 16 bits count with their high byte, as OpenCV reads them, floats as 255 times
/// their value. Decodes no more rows than the hash looks at, as far as the format lets rows be left out. Throws Error
/// if that would take more than `memory` bytes, and what the source throws.
[[nodiscard]] std::uint64_t image_hash(Source& source, const kernels::Backend& backend, std::int64_t memory);

/// The memory that takes. Pure.
[[nodiscard]] std::int64_t hashing_bytes(const Source& source);

}  // namespace haloedge

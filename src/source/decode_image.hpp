#pragma once

#include "core/buffer.hpp"
#include "source/source.hpp"

namespace haloedge {

/// Decodes a whole image on this thread, and gives `take` its parts as they come. Throws what the source throws.
void decode_parts(Source& source, const PixelConsumer& take);

/// Decodes a whole image into `pixels`, which it makes, on this thread. Throws what the source throws.
[[nodiscard]] kernels::ConstPixels decode_image(Source& source, Buffer& pixels);

/// The memory that takes, the pixels included. Pure.
[[nodiscard]] std::int64_t decoding_bytes(const Source& source);

}  // namespace haloedge

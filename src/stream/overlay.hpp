#pragma once

#include <cstddef>

#include "stream/frame_format.hpp"
#include "stream/ycbcr.hpp"

namespace haloedge {

/// Mixes `color` over a frame: an edge of strength e of the full scale M makes of a sample s
/// round((s (M - e) + color e) / M). A sample of chroma takes the strongest edge of the luma that shares it, so that
/// thin lines keep their colour. `edges` as for Painter::paint(); `out` has format.frame_bytes(). Does not allocate.
void overlay_edges(const FrameFormat& format, const YCbCr& color, const std::byte* frame, const std::byte* edges,
                   std::byte* out);

}  // namespace haloedge

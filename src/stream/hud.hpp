#pragma once

#include <cstddef>
#include <string_view>

#include "stream/frame_format.hpp"

namespace haloedge {

/// Writes a line of text into a frame's upper left corner, white on black, in letters of 5 x 7 dots; dots grow with the
/// frame. Capitals, digits, the space and a few signs; anything else is a space. What does not fit is left out. Does
/// not allocate. `full_range` as for Painter.
void draw_text(const FrameFormat& format, bool full_range, std::string_view text, std::byte* frame);

}  // namespace haloedge

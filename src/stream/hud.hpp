#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "stream/frame_format.hpp"

namespace haloedge {

/// How many letters of a line fit into a frame.
[[nodiscard]] std::int64_t letters_that_fit(const FrameFormat& format);

/// Writes a line of text into a frame's upper left corner, white on a black box, in letters of 5 x 7 dots; dots grow
/// with the frame: they are a 360th of its height, or 1 sample. Capitals, digits, the space and a few signs; anything
/// else is a space. Letters that do not fit are left out. Does not allocate. `full_range` as for Painter.
void draw_text(const FrameFormat& format, bool full_range, std::string_view text, std::byte* frame);

}  // namespace haloedge

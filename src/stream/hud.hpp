#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "stream/stream_stats.hpp"
#include "stream/y4m.hpp"

namespace haloedge {

// The size of a letter, in dots.
inline constexpr int letter_columns = 5;
inline constexpr int letter_rows = 7;

/// True if a letter of the font has a dot at `column` from the left and `row` from the top. The font has A-Z (also used
/// for a-z), 0-9, and . : - / %; everything else is blank.
[[nodiscard]] bool has_dot(char letter, int column, int row);

/// The number of letters in one line that fit into a frame.
[[nodiscard]] std::int64_t letters_that_fit(const FrameFormat& format);

/// Writes a line of text into the upper left corner of a frame, white on a black box. A dot of a letter is as large as
/// a 360th of the frame's height, at least 1 sample. Letters that do not fit are left out. Does not allocate.
/// `full_range` as for Painter.
void draw_text(const FrameFormat& format, bool full_range, std::string_view text, std::byte* frame);

using RatesBuffer = std::array<char, 96>;

/// Returns "SOURCE 30.0 FPS  FILTER 5.0 FPS  AGE 6", or "S 30.0 F 5.0 A 6" if no more than `letters` fit. Returns an
/// empty text if not even that fits, because half a number would be a wrong one. Without an age, the text has "-". The
/// text lies in `buffer`.
[[nodiscard]] std::string_view rates_text(double source, double filter, std::optional<std::int64_t> age,
                                          std::int64_t letters, RatesBuffer& buffer);

/// Draws the rates of source and filter, and the age of the edges in frames, into a painted frame. Does not allocate.
void draw_rates(const Y4mHeader& painted, const StreamStats& stats, std::optional<std::int64_t> age, std::byte* frame);

}  // namespace haloedge

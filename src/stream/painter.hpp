#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "stream/frame.hpp"
#include "stream/stream_stats.hpp"
#include "stream/y4m.hpp"

namespace haloedge {

/// Selects the picture of a frame: its edges in colour over it, its edges alone, or the frame and its edges side by
/// side.
enum class Show : std::uint8_t { overlay, edges, side };

/// Combines frames with their edges. Does not allocate; many threads may use it at once.
class Painter {
 public:
  /// `full_range` is true if luma goes from 0 to full scale, false if it goes from 16 to 235 of 255.
  Painter(const FrameFormat& frame, Show show, Color color, bool full_range);

  /// The format of what is painted: with Show::side, twice as wide as the frame.
  [[nodiscard]] FrameFormat format() const { return out_; }

  /// Paints into `out`, which has format().frame_bytes() and overlaps neither input. `edges` has one sample of the
  /// frame's depth for each sample of luma; it is null if there are no edges yet. Edges alone are gray.
  ///
  /// The overlay mixes the colour into each sample s: with full scale M, an edge of strength e makes of it
  /// round((s (M - e) + color e) / M).
  void paint(const std::byte* frame, const std::byte* edges, std::byte* out) const;

 private:
  void paint_edges(const std::byte* edges, std::byte* out) const;
  void paint_side(const std::byte* frame, const std::byte* edges, std::byte* out) const;

  FrameFormat frame_;
  FrameFormat out_;
  Show show_;
  YCbCr color_;
};

// The size of a letter, in dots.
inline constexpr int letter_columns = 5;
inline constexpr int letter_rows = 7;

/// Returns true if a letter of the font has a dot at `column` from the left and `row` from the top. The font has A-Z
/// (also used for a-z), 0-9, and . : - / %; everything else is blank.
[[nodiscard]] bool has_dot(char letter, int column, int row);

/// The number of letters in one line that fit into a frame.
[[nodiscard]] std::int64_t letters_that_fit(const FrameFormat& format);

/// Writes a line of text into the upper left corner of a frame, white on a black box. A dot of a letter is as large as
/// a 360th of the frame's height, at least 1 sample. Letters that do not fit are left out. Does not allocate.
/// `full_range` means the same as for Painter.
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

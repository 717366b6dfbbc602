#pragma once

#include <cstddef>
#include <cstdint>

#include "stream/frame.hpp"

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
  /// frame's depth for each of luma; null if there are none yet. Edges alone are gray.
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

}  // namespace haloedge

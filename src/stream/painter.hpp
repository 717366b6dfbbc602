#pragma once

#include <cstddef>
#include <cstdint>

#include "stream/frame_format.hpp"
#include "stream/ycbcr.hpp"

namespace haloedge {

/// What becomes of a frame: its edges in colour over it, its edges alone, or both side by side.
enum class Show : std::uint8_t { overlay, edges, side };

/// Puts frames and their edge maps together. Does not allocate; may be used by many threads at once.
class Painter {
 public:
  /// `full_range`: luma of black is 0 and of white the full scale; else 16 and 235 of 255, as video usually has it.
  Painter(const FrameFormat& frame, Show show, Color color, bool full_range);

  /// What it paints: with Show::side, twice as wide as the frame.
  [[nodiscard]] FrameFormat format() const { return out_; }

  /// `edges` are samples of the frame's depth, one for each of luma, without gaps; null: there are none yet. `out` has
  /// format().frame_bytes(), and shares none with the others. Edges alone are gray, as they are.
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

#pragma once

#include <cstdint>

namespace haloedge {

/// The value that stands for 1.0 in samples of `bits`.
[[nodiscard]] constexpr std::uint32_t full_scale(int bits) { return (std::uint32_t{1} << bits) - 1; }

/// What a frame of raw video is made of: the plane of luma, then, unless it is mono, two of chroma; row by row without
/// gaps. Samples of 8 bits have a byte, those of more have two, the lower one first.
struct FrameFormat {
  std::int64_t width = 0;  ///< of luma, in samples
  std::int64_t height = 0;
  int bits = 8;  ///< of a sample; up to 16
  bool has_chroma = true;
  // Binary logarithms of how many columns, and rows, of luma share a sample of chroma.
  int chroma_shift_x = 1;
  int chroma_shift_y = 1;

  [[nodiscard]] constexpr std::int64_t sample_bytes() const { return bits > 8 ? 2 : 1; }
  [[nodiscard]] constexpr std::uint32_t full_scale() const { return haloedge::full_scale(bits); }

  // Of one plane of chroma; chroma of a last odd column, or row, is there.
  [[nodiscard]] constexpr std::int64_t chroma_width() const {
    return has_chroma ? (width + (1 << chroma_shift_x) - 1) >> chroma_shift_x : 0;
  }
  [[nodiscard]] constexpr std::int64_t chroma_height() const {
    return has_chroma ? (height + (1 << chroma_shift_y) - 1) >> chroma_shift_y : 0;
  }

  [[nodiscard]] constexpr std::int64_t luma_bytes() const { return width * height * sample_bytes(); }
  [[nodiscard]] constexpr std::int64_t chroma_bytes() const {
    return chroma_width() * chroma_height() * sample_bytes();
  }
  [[nodiscard]] constexpr std::int64_t frame_bytes() const { return luma_bytes() + 2 * chroma_bytes(); }
};

}  // namespace haloedge

#pragma once

#include <cstdint>

namespace haloedge {

struct Color {
  std::uint8_t red = 0;
  std::uint8_t green = 255;
  std::uint8_t blue = 0;
};

/// A colour as samples of a frame's planes.
struct YCbCr {
  std::uint32_t y = 0;
  std::uint32_t cb = 0;
  std::uint32_t cr = 0;
};

/// The colour by ITU-R BT.601, in samples of `bits` (8 to 16), rounded to the nearest. YUV4MPEG2 does not tell the
/// matrix: ffmpeg takes this one, some players take BT.709 for large frames, which shifts colours a little.
/// `full_range`: luma is 0 to full scale; else 16 to 235, and chroma 16 to 240, times 2^(bits - 8).
[[nodiscard]] YCbCr to_ycbcr(Color color, int bits, bool full_range);

/// Chroma of gray.
[[nodiscard]] constexpr std::uint32_t neutral_chroma(int bits) { return std::uint32_t{1} << (bits - 1); }

}  // namespace haloedge

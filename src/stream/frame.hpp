#pragma once

#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "core/buffer.hpp"
#include "kernels/arithmetic.hpp"

namespace haloedge {

// Samples of raw video are unsigned numbers. Samples of 8 bits have one byte. Samples of more bits have two, of which
// the lower one comes first, as on this machine.
static_assert(std::endian::native == std::endian::little);

/// The value that stands for 1.0 in samples of `bits`.
[[nodiscard]] constexpr std::uint32_t full_scale(int bits) { return (std::uint32_t{1} << bits) - 1; }

/// The value of the chroma samples of a gray pixel.
[[nodiscard]] constexpr std::uint32_t neutral_chroma(int bits) { return std::uint32_t{1} << (bits - 1); }

/// Returns sample `i` of a row of samples, which need not be aligned.
template <typename Sample>
[[nodiscard]] inline Sample load_sample(const std::byte* samples, std::int64_t i) {
  Sample sample;
  std::memcpy(&sample, samples + i * static_cast<std::int64_t>(sizeof sample), sizeof sample);
  return sample;
}

template <typename Sample>
inline void store_sample(std::byte* samples, std::int64_t i, Sample sample) {
  std::memcpy(samples + i * static_cast<std::int64_t>(sizeof sample), &sample, sizeof sample);
}

/// The form of a frame of raw video: a plane of luma and, unless it is mono, two planes of chroma, one after the other.
/// Each plane is stored row by row without padding.
struct FrameFormat {
  std::int64_t width = 0;  ///< width of luma, in samples
  std::int64_t height = 0;
  int bits = 8;  ///< bits of a sample; up to 16
  bool has_chroma = true;
  // One sample of chroma stands for 2^chroma_shift_x columns and 2^chroma_shift_y rows of luma.
  int chroma_shift_x = 1;
  int chroma_shift_y = 1;

  [[nodiscard]] constexpr std::int64_t sample_bytes() const { return bits > 8 ? 2 : 1; }
  [[nodiscard]] constexpr std::uint32_t full_scale() const { return haloedge::full_scale(bits); }

  // The size of one plane of chroma, rounded up, in samples.
  [[nodiscard]] constexpr std::int64_t chroma_width() const {
    return has_chroma ? divide_up(width, 1 << chroma_shift_x) : 0;
  }
  [[nodiscard]] constexpr std::int64_t chroma_height() const {
    return has_chroma ? divide_up(height, 1 << chroma_shift_y) : 0;
  }

  [[nodiscard]] constexpr std::int64_t luma_bytes() const { return width * height * sample_bytes(); }
  /// The size of one plane of chroma.
  [[nodiscard]] constexpr std::int64_t chroma_bytes() const {
    return chroma_width() * chroma_height() * sample_bytes();
  }
  [[nodiscard]] constexpr std::int64_t frame_bytes() const { return luma_bytes() + 2 * chroma_bytes(); }
};

using StreamClock = std::chrono::steady_clock;

/// A frame as it was read. Its memory is reused for later frames.
struct Frame {
  explicit Frame(const FrameFormat& format) : pixels(format.frame_bytes()) { parameters.reserve(usual_parameters); }

  /// Longer parameters than this allocate memory when they are read.
  static constexpr std::size_t usual_parameters = 256;

  std::int64_t number = 0;          ///< position in the stream; the first frame is 0
  StreamClock::time_point arrived;  ///< when the whole frame had been read
  std::string parameters;           ///< the text after the word FRAME in its line
  Buffer pixels;
};

/// Sets `count` samples of `sample_bytes` (1 or 2) to `value`.
void fill_samples(std::byte* samples, std::int64_t count, std::int64_t sample_bytes, std::uint32_t value);

// The following functions work on `count` samples of 9 to 16 bits at even addresses. Values above full scale, which the
// two bytes could hold, count as full scale.

/// Writes the upper 8 of the `bits` of each sample to one byte.
void take_upper_bits(const std::byte* from, int bits, std::int64_t count, std::byte* to);
/// Replaces values above full scale by full scale.
void clamp_samples(std::byte* samples, int bits, std::int64_t count);
/// Writes full scale for each byte of `from` that is not 0, and 0 for the others.
void widen_edges(const std::byte* from, int bits, std::int64_t count, std::byte* to);

struct Color {
  std::uint8_t red = 0;
  std::uint8_t green = 255;
  std::uint8_t blue = 0;
};

/// A colour as samples of a frame's three planes.
struct YCbCr {
  std::uint32_t y = 0;
  std::uint32_t cb = 0;
  std::uint32_t cr = 0;
};

/// Converts a colour by ITU-R BT.601 to samples of `bits` (8 to 16), rounded to the nearest. With `full_range`, luma is
/// 0 to full scale; else luma is 16 to 235 and chroma 16 to 240, times 2^(bits - 8). YUV4MPEG2 does not name the
/// matrix: ffmpeg takes this one; some players take BT.709 for large frames, which shifts colours a little.
[[nodiscard]] YCbCr to_ycbcr(Color color, int bits, bool full_range);

}  // namespace haloedge

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace haloedge {

// Samples of raw video are unsigned numbers. Those of 8 bits have one byte, deeper ones have two, the lower one first,
// as on this machine.
static_assert(std::endian::native == std::endian::little);

/// The value that stands for 1.0 in samples of `bits`.
[[nodiscard]] constexpr std::uint32_t full_scale(int bits) { return (std::uint32_t{1} << bits) - 1; }

/// The value of both planes of chroma where a frame is gray.
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

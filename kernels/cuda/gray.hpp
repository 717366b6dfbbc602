#pragma once

// From a thread's pixels of one row to their gray.

#include <cstddef>
#include <cstdint>

#include "kernels/cuda/intrinsics.hpp"
#include "kernels/kernels.hpp"
#include "kernels/pixel.hpp"

namespace haloedge::kernels::cuda {

/// The pixels of one thread in a row: 16 bytes of each channel.
template <class Sample>
inline constexpr std::size_t lane_pixels = 16 / sizeof(Sample);

/// How colours become gray. For bytes, gray is (red * w.red + green * w.green + blue * w.blue + rounding) >> 16 with
/// 16-bit weights, which gives what to_gray() gives for each of the 2^24 colours.
struct GrayRule {
  Gray weights = Gray::bt601;
  std::uint32_t red_green = 0;  ///< two weights each, the first in the low half
  std::uint32_t blue_none = 0;
  std::uint32_t none_red = 0;
  std::uint32_t green_blue = 0;
  std::uint32_t rounding = 0;
};

[[nodiscard]] inline GrayRule gray_rule(Gray weights) {
  std::uint32_t red = 0;
  std::uint32_t green = 0;
  std::uint32_t blue = 0;
  std::uint32_t rounding = 1U << 15;
  const auto set = [&](const FixedWeights& w) {
    red = 2 * w.red;
    green = 2 * w.green;
    blue = 2 * w.blue;
  };
  switch (weights) {
    case Gray::bt601:
      set(fixed_bt601);
      break;
    case Gray::bt709:
      set(fixed_bt709);
      break;
    case Gray::mean:
      red = green = blue = 65535 / 3;
      rounding = 65536 / 3 + 1 + 255;  // a third, and what the weights lack for the largest sum
      break;
    case Gray::red:
      red = 65535;  // 65536 would not fit; the rounding covers the rest
      break;
    case Gray::green:
      green = 65535;
      break;
    case Gray::blue:
      blue = 65535;
      break;
  }
  return {weights, red | green << 16, blue, red << 16, green | blue << 16, rounding};
}

/// to_gray() with weights known at run time.
template <class Sample>
HALOEDGE_DEVICE inline Sample to_gray(Gray weights, Sample red, Sample green, Sample blue) {
  switch (weights) {
    case Gray::bt601:
      return kernels::to_gray<Gray::bt601>(red, green, blue);
    case Gray::bt709:
      return kernels::to_gray<Gray::bt709>(red, green, blue);
    case Gray::mean:
      return kernels::to_gray<Gray::mean>(red, green, blue);
    case Gray::red:
      return red;
    case Gray::green:
      return green;
    case Gray::blue:
      break;
  }
  return blue;
}

/// A thread's pixels of one row as they were loaded.
template <class Sample, std::size_t channels>
struct LanePixels {
  static constexpr std::size_t count = lane_pixels<Sample>;
  std::uint32_t words[4 * channels];

  /// `at` is a multiple of 16.
  HALOEDGE_DEVICE void load(const std::byte* at) {
    HALOEDGE_UNROLL
    for (std::size_t i = 0; i < channels; ++i) {
      load_16_bytes(at + 16 * i, *reinterpret_cast<std::uint32_t(*)[4]>(words + 4 * i));
    }
  }

  /// Sample i of 16-bit or float pixels.
  [[nodiscard]] HALOEDGE_DEVICE Sample sample(std::size_t i) const {
    if constexpr (sizeof(Sample) == 4) {
      return __builtin_bit_cast(Sample, words[i]);
    } else {
      return static_cast<Sample>(words[i / 2] >> (i % 2 * 16));
    }
  }
};

/// The gray of a thread's 16-bit or float pixels.
template <class Sample, std::size_t channels>
HALOEDGE_DEVICE inline void gray_of(const LanePixels<Sample, channels>& pixels, const GrayRule& rule,
                                    Sample (&gray)[lane_pixels<Sample>]) {
  HALOEDGE_UNROLL
  for (std::size_t i = 0; i < lane_pixels<Sample>; ++i) {
    if constexpr (channels < 3) {
      gray[i] = pixels.sample(channels * i);
    } else {
      const std::size_t first = channels * i;
      gray[i] = to_gray(rule.weights, pixels.sample(first), pixels.sample(first + 1), pixels.sample(first + 2));
    }
  }
}

/// The weighted sum of the three bytes that begin at byte `first` of `words`: gray stands in its third byte. Wherever
/// in a word the pixel begins, no byte has to be moved: the weights are.
template <std::size_t count>
HALOEDGE_DEVICE inline std::uint32_t weighted_bytes(const std::uint32_t (&words)[count], std::size_t first,
                                                    const GrayRule& rule) {
  const std::uint32_t word = words[first / 4];
  const bool odd = first % 2 != 0;
  const std::uint32_t front = odd ? rule.none_red : rule.red_green;
  const std::uint32_t back = odd ? rule.green_blue : rule.blue_none;
  if (first % 4 < 2) return dot_high_bytes(back, word, dot_low_bytes(front, word, rule.rounding));
  const std::uint32_t next = words[first / 4 + 1 < count ? first / 4 + 1 : first / 4];
  return dot_low_bytes(back, next, dot_high_bytes(front, word, rule.rounding));
}

/// The gray of a thread's 16 byte pixels, two to a word: the even one in the low half.
template <std::size_t channels>
HALOEDGE_DEVICE inline void gray_of(const LanePixels<std::uint8_t, channels>& pixels, const GrayRule& rule,
                                    std::uint32_t (&gray)[8]) {
  HALOEDGE_UNROLL
  for (std::size_t i = 0; i < 8; ++i) {
    if constexpr (channels == 1) {
      gray[i] = byte_perm(pixels.words[i / 2], 0, i % 2 == 0 ? 0x4140 : 0x4342);
    } else if constexpr (channels == 2) {
      gray[i] = pixels.words[i] & 0x00FF00FF;
    } else {
      gray[i] = byte_perm(weighted_bytes(pixels.words, channels * (2 * i), rule),
                          weighted_bytes(pixels.words, channels * (2 * i + 1), rule), 0x7632);
    }
  }
}

/// One pixel beside a thread's own, as it was loaded.
template <class Sample, std::size_t channels>
struct BesidePixel {
  static constexpr std::size_t count = channels < 3 ? 1 : 3;  // alpha is ignored
  Sample samples[count] = {};

  HALOEDGE_DEVICE void load(const std::byte* at) {
    HALOEDGE_UNROLL
    for (std::size_t i = 0; i < count; ++i) samples[i] = load_sample(reinterpret_cast<const Sample*>(at) + i);
  }

  [[nodiscard]] HALOEDGE_DEVICE Sample gray(const GrayRule& rule) const {
    if constexpr (count == 1) {
      return samples[0];
    } else if constexpr (sizeof(Sample) == 1) {
      const std::uint32_t word[1] = {samples[0] | std::uint32_t{samples[1]} << 8 | std::uint32_t{samples[2]} << 16};
      return static_cast<Sample>(weighted_bytes(word, 0, rule) >> 16);
    } else {
      return to_gray(rule.weights, samples[0], samples[1], samples[2]);
    }
  }
};

}  // namespace haloedge::kernels::cuda

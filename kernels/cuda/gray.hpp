#pragma once

// Turns a thread's pixels of one row to gray.

#include <cstddef>
#include <cstdint>

#include "kernels/cuda/intrinsics.hpp"
#include "kernels/kernels.hpp"
#include "kernels/pixel.hpp"

namespace haloedge::kernels::cuda {

/// The number of pixels that a thread has in a row: 16 bytes of each channel.
template <class Sample>
inline constexpr std::size_t lane_pixels = 16 / sizeof(Sample);

/// 16-bit weights w for colours of bytes: gray is (red * w.red + green * w.green + blue * w.blue + rounding) >> 16,
/// which equals to_gray() for each of the 2^24 colours. Each word has two weights, the first in the low half.
struct ByteWeights {
  std::uint32_t red_green = 0;
  std::uint32_t blue_none = 0;
  std::uint32_t none_red = 0;
  std::uint32_t green_blue = 0;
  std::uint32_t rounding = 0;
};

/// The weights of all sample types as numbers, so that one kernel serves all choices.
struct GrayRule {
  Gray weights = Gray::bt601;
  ByteWeights bytes{};
  FixedWeights words{};          ///< for 16-bit samples, in units of 1/32768; not used for the mean
  FloatWeights<float> floats{};  ///< for floats; used for bt601 and bt709 only
};

[[nodiscard]] inline ByteWeights byte_weights(Gray weights, const FixedWeights& words) {
  if (weights == Gray::mean) {
    constexpr std::uint32_t third = 65535 / 3;
    // The rounding is a third of 65536, for the 1 of (red + green + blue + 1) / 3, and 255 more, because each weight is
    // 1/3 too small.
    return {third | third << 16, third, third << 16, third | third << 16, 65536 / 3 + 1 + 255};
  }
  // 65536 does not fit 16 bits; with 65535 instead, the rounding makes up for the difference.
  const auto doubled = [](std::uint32_t weight) { return weight == 1U << 15 ? 65535 : 2 * weight; };
  const std::uint32_t red = doubled(words.red);
  const std::uint32_t green = doubled(words.green);
  const std::uint32_t blue = doubled(words.blue);
  return {red | green << 16, blue, red << 16, green | blue << 16, 1U << 15};
}

[[nodiscard]] inline GrayRule gray_rule(Gray weights) {
  constexpr std::uint32_t one = 1U << 15;
  GrayRule rule{.weights = weights};
  switch (weights) {
    case Gray::bt601:
      rule.words = fixed_bt601;
      rule.floats = float_bt601<float>;
      break;
    case Gray::bt709:
      rule.words = fixed_bt709;
      rule.floats = float_bt709<float>;
      break;
    case Gray::red: rule.words = {one, 0, 0}; break;
    case Gray::green: rule.words = {0, one, 0}; break;
    case Gray::blue: rule.words = {0, 0, one}; break;
    case Gray::mean: break;
  }
  rule.bytes = byte_weights(weights, rule.words);
  return rule;
}

/// Calls body with a function that turns a colour of 16-bit samples to gray as `rule` says. The function is chosen once
/// for all pixels of a thread.
template <class Body>
HALOEDGE_DEVICE inline void with_to_gray(const GrayRule& rule, std::uint16_t, Body body) {
  using Word = std::uint16_t;
  if (rule.weights == Gray::mean) return body(&kernels::to_gray<Gray::mean, Word>);
  body([w = rule.words](Word red, Word green, Word blue) {
    return static_cast<Word>((red * w.red + green * w.green + blue * w.blue + (1U << 14)) >> 15);
  });
}

/// Calls body with a function that turns a colour of floats to gray as `rule` says.
template <class Body>
HALOEDGE_DEVICE inline void with_to_gray(const GrayRule& rule, float, Body body) {
  switch (rule.weights) {
    case Gray::bt601:
    case Gray::bt709:
      return body([w = rule.floats](float red, float green, float blue) {
        return (red * w.red + green * w.green) + blue * w.blue;
      });
    case Gray::mean: return body(&kernels::to_gray<Gray::mean, float>);
    default:
      return body([weights = rule.weights](float red, float green, float blue) {
        return weights == Gray::red ? red : weights == Gray::green ? green : blue;
      });
  }
}

/// A thread's pixels of one row, as they were loaded.
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
  if constexpr (channels < 3) {
    HALOEDGE_UNROLL
    for (std::size_t i = 0; i < lane_pixels<Sample>; ++i) gray[i] = pixels.sample(channels * i);
  } else {
    with_to_gray(rule, Sample{}, [&](auto to_gray) {
      HALOEDGE_UNROLL
      for (std::size_t i = 0; i < lane_pixels<Sample>; ++i) {
        const std::size_t first = channels * i;
        gray[i] = to_gray(pixels.sample(first), pixels.sample(first + 1), pixels.sample(first + 2));
      }
    });
  }
}

/// The weighted sum of the three bytes that begin at byte `first` of `words`; gray is its third byte. There are weights
/// for all places of a pixel in a word, so that no byte has to be moved.
template <std::size_t count>
HALOEDGE_DEVICE inline std::uint32_t weighted_bytes(const std::uint32_t (&words)[count], std::size_t first,
                                                    const GrayRule& rule) {
  const ByteWeights& weights = rule.bytes;
  const std::uint32_t word = words[first / 4];
  const bool odd = first % 2 != 0;
  const std::uint32_t front = odd ? weights.none_red : weights.red_green;
  const std::uint32_t back = odd ? weights.green_blue : weights.blue_none;
  if (first % 4 < 2) return dot_high_bytes(back, word, dot_low_bytes(front, word, weights.rounding));
  const std::uint32_t next = words[first / 4 + 1 < count ? first / 4 + 1 : first / 4];
  return dot_low_bytes(back, next, dot_high_bytes(front, word, weights.rounding));
}

/// The gray of a thread's 16 pixels of bytes, two to a word, the even one in the low half.
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

/// A pixel to the left or right of a thread's pixels, as it was loaded.
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
      Sample gray{};
      with_to_gray(rule, Sample{}, [&](auto to_gray) { gray = to_gray(samples[0], samples[1], samples[2]); });
      return gray;
    }
  }
};

}  // namespace haloedge::kernels::cuda

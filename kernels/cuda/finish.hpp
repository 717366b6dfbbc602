#pragma once

// Turns a thread's derivatives into output samples and stores them.

#include <cstddef>
#include <cstdint>

#include "kernels/cuda/gray.hpp"
#include "kernels/cuda/intrinsics.hpp"
#include "kernels/cuda/stencil.hpp"
#include "kernels/dispatch.hpp"
#include "kernels/kernels.hpp"
#include "kernels/pixel.hpp"

namespace haloedge::kernels::cuda {

/// An output that is chosen at run time.
struct AnyOutput {
  bool laplacian = false;
  Value value = Value::l2;
  SampleType out = SampleType::u8;
  float factor = 1;
  bool clips = false;
  float low = 0;
  float high = 1;
};

[[nodiscard]] inline AnyOutput any_output(const EdgeFilter& filter) {
  const Clip clip = filter.clip.value_or(Clip{});
  return {filter.op == Operator::laplacian, value_of(filter), filter.out_type, filter.narrow_factor(),
          filter.clip.has_value(),          clip.low,         clip.high};
}

/// Sobel's magnitude as samples of the source's type; `value` is l2 or l1. The factor is positive and finite, floats
/// are not clipped, and for bytes with l2 an approximate root gives the same bytes (see root_may_be_approximate()).
template <class Sample, Value value>
struct Magnitude {
  float factor = 1;
};

template <class Sample>
HALOEDGE_DEVICE inline float value_at(const Stencil<Sample>& stencil, std::size_t i, const AnyOutput& output) {
  const float x = stencil.x(i);
  if (output.laplacian) return fabsf(x);
  const float y = stencil.y(i);
  switch (output.value) {
    case Value::l2: return magnitude_l2(x, y);
    case Value::l1: return magnitude_l1(x, y);
    case Value::x: return x;
    case Value::y: return y;
    case Value::direction: break;
  }
  return direction(x, y);
}

/// Computes and stores the output of a thread's pixels.
template <class Sample>
HALOEDGE_DEVICE inline void finish(const Stencil<Sample>& stencil, const AnyOutput& output, std::byte* at) {
  constexpr std::size_t pixels = lane_pixels<Sample>;
  switch (output.out) {
    case SampleType::u8: {
      std::uint32_t words[pixels / 4] = {};
      HALOEDGE_UNROLL
      for (std::size_t i = 0; i < pixels; ++i) {
        const std::uint32_t sample = finish_integer<std::uint8_t>(value_at(stencil, i, output), output.factor);
        words[i / 4] |= sample << (i % 4 * 8);
      }
      return store_words(at, words);
    }
    case SampleType::u16: {
      std::uint32_t words[pixels / 2] = {};
      HALOEDGE_UNROLL
      for (std::size_t i = 0; i < pixels; ++i) {
        const std::uint32_t sample = finish_integer<std::uint16_t>(value_at(stencil, i, output), output.factor);
        words[i / 2] |= sample << (i % 2 * 16);
      }
      return store_words(at, words);
    }
    case SampleType::f32:
    case SampleType::f64: break;  // no result is f64
  }
  std::uint32_t words[pixels];
  HALOEDGE_UNROLL
  for (std::size_t i = 0; i < pixels; ++i) {
    const float sample =
        finish_float(value_at(stencil, i, output), output.factor, output.clips, output.low, output.high);
    words[i] = __builtin_bit_cast(std::uint32_t, sample);
  }
  store_words(at, words);
}

/// Returns a word whose lowest byte is min(v, 255), rounded. `value` is 2^23 + v.
HALOEDGE_DEVICE inline std::uint32_t limited_byte(float value) {
  return __builtin_bit_cast(std::uint32_t, fminf(value, two_to_23 + 255.0F));
}

/// Returns a word whose lowest byte is the output for a sum of squares.
HALOEDGE_DEVICE inline std::uint32_t root_byte(float sum, float factor) {
  return limited_byte(fmaf(approximate_root(sum), factor, two_to_23));
}

/// Returns a word whose lowest byte is the output for a gradient.
template <Value value>
HALOEDGE_DEVICE inline std::uint32_t magnitude_byte(float x, float y, float factor) {
  if constexpr (value == Value::l1) return limited_byte(magnitude_l1(x, y) * factor + two_to_23);
  return root_byte(fmaf(x, x, y * y), factor);
}

/// Returns a word whose lower half is the output for a gradient of 16-bit samples, whose parts are whole numbers.
template <Value value>
HALOEDGE_DEVICE inline std::uint32_t magnitude_word(float x, float y, float factor) {
  const float magnitude = value == Value::l1 ? magnitude_l1(x, y) : root_of_whole(x * x + y * y);
  return __builtin_bit_cast(std::uint32_t, fminf(magnitude * factor, 65535.0F) + two_to_23);
}

template <Value value>
HALOEDGE_DEVICE inline void finish(const Stencil<std::uint8_t>& stencil, const Magnitude<std::uint8_t, value>& output,
                                   std::byte* at) {
  constexpr std::size_t pixels = lane_pixels<std::uint8_t>;
  std::uint32_t words[pixels / 4];
  HALOEDGE_UNROLL
  for (std::size_t i = 0; i < pixels / 4; ++i) {
    std::uint32_t sample[4];
    HALOEDGE_UNROLL
    for (std::size_t k = 0; k < 4; ++k) {
      const std::size_t pixel = 4 * i + k;
      sample[k] = magnitude_byte<value>(stencil.x(pixel), stencil.y(pixel), output.factor);
    }
    words[i] = byte_perm(byte_perm(sample[0], sample[1], 0x0040), byte_perm(sample[2], sample[3], 0x0040), 0x5410);
  }
  store_words(at, words);
}

template <Value value>
HALOEDGE_DEVICE inline void finish(const Stencil<std::uint16_t>& stencil, const Magnitude<std::uint16_t, value>& output,
                                   std::byte* at) {
  constexpr std::size_t pixels = lane_pixels<std::uint16_t>;
  std::uint32_t words[pixels / 2];
  HALOEDGE_UNROLL
  for (std::size_t i = 0; i < pixels / 2; ++i) {
    const std::uint32_t even = magnitude_word<value>(stencil.x(2 * i), stencil.y(2 * i), output.factor);
    const std::uint32_t odd = magnitude_word<value>(stencil.x(2 * i + 1), stencil.y(2 * i + 1), output.factor);
    words[i] = byte_perm(even, odd, 0x5410);
  }
  store_words(at, words);
}

template <Value value>
HALOEDGE_DEVICE inline void finish(const Stencil<float>& stencil, const Magnitude<float, value>& output,
                                   std::byte* at) {
  constexpr std::size_t pixels = lane_pixels<float>;
  std::uint32_t words[pixels];
  HALOEDGE_UNROLL
  for (std::size_t i = 0; i < pixels; ++i) {
    const float x = stencil.x(i);
    const float y = stencil.y(i);
    const float magnitude = value == Value::l1 ? magnitude_l1(x, y) : magnitude_l2(x, y);
    words[i] = __builtin_bit_cast(std::uint32_t, finish_float(magnitude, output.factor, false, 0, 0));
  }
  store_words(at, words);
}

}  // namespace haloedge::kernels::cuda

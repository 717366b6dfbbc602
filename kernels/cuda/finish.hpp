#pragma once

// From a thread's derivatives to its output samples, and those to memory.

#include <cstddef>
#include <cstdint>

#include "kernels/cuda/gray.hpp"
#include "kernels/cuda/intrinsics.hpp"
#include "kernels/dispatch.hpp"
#include "kernels/kernels.hpp"
#include "kernels/pixel.hpp"

namespace haloedge::kernels::cuda {

/// Any output, known at run time.
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
  return {filter.op == Operator::laplacian, value_of(filter), filter.out_type, filter.factor,
          filter.clip.has_value(),          clip.low,         clip.high};
}

/// The usual ones, known to the compiler: bytes made of bytes, of Value::l2 where an approximate root gives the same
/// bytes (see approximate_root.hpp), and of Value::l1. The factor is positive.
template <Value value>
struct MagnitudeBytes {
  float factor = 1;
};

template <class Stencil>
HALOEDGE_DEVICE inline float value_at(const Stencil& stencil, std::size_t i, const AnyOutput& output) {
  const float x = stencil.x(i);
  if (output.laplacian) return fabsf(x);
  const float y = stencil.y(i);
  switch (output.value) {
    case Value::l2:
      return magnitude_l2(x, y);
    case Value::l1:
      return magnitude_l1(x, y);
    case Value::x:
      return x;
    case Value::y:
      return y;
    case Value::direction:
      break;
  }
  return direction(x, y);
}

/// Makes and stores the output of a thread's pixels.
template <class Sample, class Stencil>
HALOEDGE_DEVICE inline void finish(const Stencil& stencil, const AnyOutput& output, std::byte* at) {
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
      break;
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

/// A value of at least 0 as a float whose lowest byte is the value times the factor, rounded half to even, at most 255.
template <Value value>
HALOEDGE_DEVICE inline float rounded_magnitude(float x, float y, float factor) {
  constexpr float two_to_23 = 8388608.0F;
  const float scaled = value == Value::l1 ? magnitude_l1(x, y) * factor + two_to_23
                                          : fmaf(approximate_root(fmaf(x, x, y * y)), factor, two_to_23);
  return scaled < two_to_23 + 255.0F ? scaled : two_to_23 + 255.0F;
}

template <class Sample, class Stencil, Value value>
HALOEDGE_DEVICE inline void finish(const Stencil& stencil, const MagnitudeBytes<value>& output, std::byte* at) {
  constexpr std::size_t pixels = lane_pixels<Sample>;
  std::uint32_t words[pixels / 4];
  HALOEDGE_UNROLL
  for (std::size_t i = 0; i < pixels / 4; ++i) {
    std::uint32_t sample[4];
    HALOEDGE_UNROLL
    for (std::size_t k = 0; k < 4; ++k) {
      const std::size_t pixel = 4 * i + k;
      sample[k] = __builtin_bit_cast(std::uint32_t,
                                     rounded_magnitude<value>(stencil.x(pixel), stencil.y(pixel), output.factor));
    }
    words[i] = byte_perm(byte_perm(sample[0], sample[1], 0x0040), byte_perm(sample[2], sample[3], 0x0040), 0x5410);
  }
  store_words(at, words);
}

}  // namespace haloedge::kernels::cuda

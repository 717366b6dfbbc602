#pragma once

// The instructions of NVIDIA GPUs that the kernels call by name, and the same functions for the host, where tests run
// the kernels.

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <math.h>

#include "kernels/pixel.hpp"

#if defined(__CUDA_ARCH__)
#define HALOEDGE_UNROLL _Pragma("unroll")
#else
#define HALOEDGE_UNROLL
#endif

namespace haloedge::kernels::cuda {

/// Floats of at least 2^23 have no fraction. Adding 2^23 to a smaller float rounds it half to even, and leaves the
/// result in the lowest bits of the mantissa. Conversely, a smaller whole number becomes a float by setting these bits
/// and subtracting 2^23, which is faster than a conversion.
inline constexpr float two_to_23 = 8388608.0F;
inline constexpr std::uint32_t bits_of_two_to_23 = 0x4B000000;

/// Selects four of the eight bytes of (low, high). Each is chosen by a hexadecimal digit of `selector`, the last digit
/// first.
HALOEDGE_DEVICE inline std::uint32_t byte_perm(std::uint32_t low, std::uint32_t high, std::uint32_t selector) {
#if defined(__CUDA_ARCH__)
  return __byte_perm(low, high, selector);
#else
  const std::uint64_t both = std::uint64_t{high} << 32 | low;
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::uint32_t from = selector >> (4 * i) & 7;
    word |= static_cast<std::uint32_t>(both >> (8 * from) & 0xFF) << (8 * i);
  }
  return word;
#endif
}

/// `sum` plus the two 16-bit halves of `halves` times the two low bytes of `bytes`, all unsigned.
HALOEDGE_DEVICE inline std::uint32_t dot_low_bytes(std::uint32_t halves, std::uint32_t bytes, std::uint32_t sum) {
#if defined(__CUDA_ARCH__)
  return __dp2a_lo(halves, bytes, sum);
#else
  return sum + (halves & 0xFFFF) * (bytes & 0xFF) + (halves >> 16) * (bytes >> 8 & 0xFF);
#endif
}

/// `sum` plus the two halves of `halves` times the two high bytes of `bytes`, all unsigned.
HALOEDGE_DEVICE inline std::uint32_t dot_high_bytes(std::uint32_t halves, std::uint32_t bytes, std::uint32_t sum) {
#if defined(__CUDA_ARCH__)
  return __dp2a_hi(halves, bytes, sum);
#else
  return dot_low_bytes(halves, bytes >> 16, sum);
#endif
}

/// The square root of 0 or of a number of at least 1, with a relative error of at most 2^-23, as PTX guarantees for
/// sqrt.approx. Flushing denormals, which do not occur, saves instructions.
HALOEDGE_DEVICE inline float approximate_root(float value) {
#if defined(__CUDA_ARCH__)
  float root;
  asm("sqrt.approx.ftz.f32 %0, %1;" : "=f"(root) : "f"(value));
  return root;
#else
  return sqrtf(value);
#endif
}

/// The correctly rounded square root of 0 or of a number from 1 to 2^100. These are the instructions that the compiler
/// makes of sqrtf() for this range, without the test, the branch and the call for other numbers.
HALOEDGE_DEVICE inline float root_of_whole(float value) {
#if defined(__CUDA_ARCH__)
  float inverse;
  asm("rsqrt.approx.ftz.f32 %0, %1;" : "=f"(inverse) : "f"(fmaxf(value, 1.0F)));
  const float root = value * inverse;
  return fmaf(fmaf(-root, root, value), 0.5F * inverse, root);
#else
  return sqrtf(value);
#endif
}

/// Loads 16 bytes, which no kernel writes, from an address that is a multiple of 16.
HALOEDGE_DEVICE inline void load_16_bytes(const std::byte* at, std::uint32_t (&words)[4]) {
#if defined(__CUDA_ARCH__)
  const uint4 loaded = __ldg(reinterpret_cast<const uint4*>(at));
  words[0] = loaded.x;
  words[1] = loaded.y;
  words[2] = loaded.z;
  words[3] = loaded.w;
#else
  std::memcpy(words, at, sizeof words);
#endif
}

/// Loads one to four words, which no kernel writes, from an address that is a multiple of their size (of 4 for three
/// words).
template <std::size_t count>
HALOEDGE_DEVICE inline void load_words(const std::byte* at, std::uint32_t (&words)[count]) {
#if defined(__CUDA_ARCH__)
  if constexpr (count == 4) {
    load_16_bytes(at, words);
  } else if constexpr (count == 2) {
    const uint2 loaded = __ldg(reinterpret_cast<const uint2*>(at));
    words[0] = loaded.x;
    words[1] = loaded.y;
  } else {
    HALOEDGE_UNROLL
    for (std::size_t i = 0; i < count; ++i) words[i] = __ldg(reinterpret_cast<const std::uint32_t*>(at) + i);
  }
#else
  std::memcpy(words, at, sizeof words);
#endif
}

/// Loads one sample, which no kernel writes.
template <class Sample>
HALOEDGE_DEVICE inline Sample load_sample(const Sample* at) {
#if defined(__CUDA_ARCH__)
  return __ldg(at);
#else
  return *at;
#endif
}

/// Stores 1, 2 or a multiple of 4 words to an address that is a multiple of 4, 8 or 16.
template <std::size_t count>
HALOEDGE_DEVICE inline void store_words(std::byte* at, const std::uint32_t (&words)[count]) {
#if defined(__CUDA_ARCH__)
  if constexpr (count == 1) {
    *reinterpret_cast<std::uint32_t*>(at) = words[0];
  } else if constexpr (count == 2) {
    *reinterpret_cast<uint2*>(at) = make_uint2(words[0], words[1]);
  } else {
    HALOEDGE_UNROLL
    for (std::size_t i = 0; i < count; i += 4) {
      *reinterpret_cast<uint4*>(at + 4 * i) = make_uint4(words[i], words[i + 1], words[i + 2], words[i + 3]);
    }
  }
#else
  std::memcpy(at, words, sizeof words);
#endif
}

}  // namespace haloedge::kernels::cuda

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace haloedge {

// Samples of two bytes come with the lower one first, as this machine has them.
static_assert(std::endian::native == std::endian::little);

/// Sample `i` of those at `samples`, which may lie anywhere.
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

/// Makes `count` samples of `sample_bytes` (1 or 2) the same.
inline void fill_samples(std::byte* samples, std::int64_t count, std::int64_t sample_bytes, std::uint32_t value) {
  if (sample_bytes == 1) {
    std::memset(samples, static_cast<int>(value), static_cast<std::size_t>(count));
  } else {
    for (std::int64_t i = 0; i < count; ++i) store_sample(samples, i, static_cast<std::uint16_t>(value));
  }
}

}  // namespace haloedge

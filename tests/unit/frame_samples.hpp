#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "stream/frame.hpp"

namespace haloedge {

/// Returns sample (`column`, `row`) of a frame's plane, put together from bytes. Plane 0 is luma; 1 and 2 are chroma.
inline std::uint32_t sample_of(const FrameFormat& format, const std::byte* frame, int plane, std::int64_t column,
                               std::int64_t row) {
  const std::int64_t width = plane == 0 ? format.width : format.chroma_width();
  const std::int64_t at = plane == 0 ? 0 : format.luma_bytes() + (plane - 1) * format.chroma_bytes();
  const std::byte* sample = frame + at + (row * width + column) * format.sample_bytes();
  const auto low = std::to_integer<std::uint32_t>(sample[0]);
  return format.sample_bytes() == 1 ? low : low + 256 * std::to_integer<std::uint32_t>(sample[1]);
}

/// Returns samples of all strengths; 0 and full scale come often.
inline std::vector<std::byte> random_samples(const FrameFormat& format, std::int64_t bytes, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::byte> made;
  while (static_cast<std::int64_t>(made.size()) < bytes) {
    const auto kind = random() % 4;
    const std::uint32_t sample = kind == 0   ? 0
                                 : kind == 1 ? format.full_scale()
                                             : static_cast<std::uint32_t>(random()) & format.full_scale();
    made.push_back(static_cast<std::byte>(sample & 0xFF));
    if (format.sample_bytes() == 2) made.push_back(static_cast<std::byte>(sample >> 8));
  }
  return made;
}

/// Returns the sample that an edge of this strength and color turns `sample` into.
inline std::uint32_t mixed(std::uint32_t sample, std::uint32_t color, std::uint32_t strength,
                           std::uint32_t full_scale) {
  const std::uint64_t sum =
      std::uint64_t{sample} * (full_scale - strength) + std::uint64_t{color} * strength + full_scale / 2;
  return static_cast<std::uint32_t>(sum / full_scale);
}

/// Bytes between guard bytes, which nothing may write.
class GuardedBytes {
 public:
  explicit GuardedBytes(std::int64_t size)
      : bytes_(static_cast<std::size_t>(size) + 2 * guard, untouched), size_(static_cast<std::size_t>(size)) {}

  [[nodiscard]] std::byte* data() { return bytes_.data() + guard; }
  [[nodiscard]] bool guards_are_whole() const {
    for (std::size_t i = 0; i < guard; ++i) {
      if (bytes_[i] != untouched || bytes_[guard + size_ + i] != untouched) return false;
    }
    return true;
  }

 private:
  static constexpr std::size_t guard = 64;
  static constexpr std::byte untouched{0xA5};

  std::vector<std::byte> bytes_;
  std::size_t size_;
};

}  // namespace haloedge

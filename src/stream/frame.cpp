#include "stream/frame.hpp"

#include <algorithm>
#include <cmath>

namespace haloedge {

namespace {

constexpr double red_share = 0.299;
constexpr double blue_share = 0.114;
constexpr double green_share = 1 - red_share - blue_share;

/// Full scale of samples of two bytes.
std::uint16_t deep_full_scale(int bits) { return static_cast<std::uint16_t>(full_scale(bits)); }

}  // namespace

void fill_samples(std::byte* samples, std::int64_t count, std::int64_t sample_bytes, std::uint32_t value) {
  if (sample_bytes == 1) {
    std::memset(samples, static_cast<int>(value), static_cast<std::size_t>(count));
  } else {
    for (std::int64_t i = 0; i < count; ++i) store_sample(samples, i, static_cast<std::uint16_t>(value));
  }
}

void take_upper_bits(const std::byte* from, int bits, std::int64_t count, std::byte* to) {
  const auto* samples = reinterpret_cast<const std::uint16_t*>(from);
  const std::uint16_t most = deep_full_scale(bits);
  for (std::int64_t i = 0; i < count; ++i) to[i] = static_cast<std::byte>(std::min(samples[i], most) >> (bits - 8));
}

void clamp_samples(std::byte* samples, int bits, std::int64_t count) {
  auto* deep = reinterpret_cast<std::uint16_t*>(samples);
  const std::uint16_t most = deep_full_scale(bits);
  for (std::int64_t i = 0; i < count; ++i) deep[i] = std::min(deep[i], most);
}

void widen_edges(const std::byte* from, int bits, std::int64_t count, std::byte* to) {
  auto* samples = reinterpret_cast<std::uint16_t*>(to);
  const std::uint16_t most = deep_full_scale(bits);
  for (std::int64_t i = 0; i < count; ++i) samples[i] = from[i] != std::byte{0} ? most : std::uint16_t{0};
}

YCbCr to_ycbcr(Color color, int bits, bool full_range) {
  const double red = color.red / 255.0;
  const double green = color.green / 255.0;
  const double blue = color.blue / 255.0;
  const double luma = red_share * red + green_share * green + blue_share * blue;
  // Both are from -0.5 to 0.5.
  const double to_blue = (blue - luma) / (2 * (1 - blue_share));
  const double to_red = (red - luma) / (2 * (1 - red_share));

  const std::uint32_t most = full_scale(bits);
  const double unit = std::ldexp(1.0, bits - 8);
  const double black = full_range ? 0 : 16 * unit;
  const double luma_scale = full_range ? most : 219 * unit;
  const double chroma_scale = full_range ? most : 224 * unit;
  // In full range, chroma of a pure blue or red is half a step above full scale.
  const auto sample = [&](double value) { return std::min(static_cast<std::uint32_t>(std::lround(value)), most); };
  return {.y = sample(black + luma_scale * luma),
          .cb = sample(neutral_chroma(bits) + chroma_scale * to_blue),
          .cr = sample(neutral_chroma(bits) + chroma_scale * to_red)};
}

}  // namespace haloedge

#include "stream/sample_depth.hpp"

#include <algorithm>

#include "stream/frame_format.hpp"
#include "stream/samples.hpp"

namespace haloedge {

void take_upper_bits(const std::byte* from, int bits, std::int64_t count, std::byte* to) {
  const auto* samples = reinterpret_cast<const std::uint16_t*>(from);
  const auto most = static_cast<std::uint16_t>(full_scale(bits));
  for (std::int64_t i = 0; i < count; ++i) to[i] = static_cast<std::byte>(std::min(samples[i], most) >> (bits - 8));
}

void cut_samples(std::byte* samples, int bits, std::int64_t count) {
  auto* at = reinterpret_cast<std::uint16_t*>(samples);
  const auto most = static_cast<std::uint16_t>(full_scale(bits));
  for (std::int64_t i = 0; i < count; ++i) at[i] = std::min(at[i], most);
}

void widen_edges(const std::byte* from, int bits, std::int64_t count, std::byte* to) {
  auto* samples = reinterpret_cast<std::uint16_t*>(to);
  const auto most = static_cast<std::uint16_t>(full_scale(bits));
  for (std::int64_t i = 0; i < count; ++i) samples[i] = from[i] != std::byte{0} ? most : std::uint16_t{0};
}

}  // namespace haloedge

#include "core/log_histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace haloedge {

namespace {

// Numbers below 2 * steps have a bin each. Above, every power of two has `steps` bins.
constexpr int step_bits = 6;
constexpr std::int64_t steps = 1 << step_bits;
constexpr std::int64_t largest = std::int64_t{1} << 40;

constexpr int shift_of(std::int64_t value) {
  return std::max(0, static_cast<int>(std::bit_width(static_cast<std::uint64_t>(value))) - step_bits - 1);
}

constexpr std::int64_t bin_of(std::int64_t value) {
  const int shift = shift_of(value);
  return shift * steps + (value >> shift);
}

/// The largest number in a bin.
constexpr std::int64_t end_of(std::int64_t bin) {
  const std::int64_t shift = bin < 2 * steps ? 0 : bin / steps - 1;
  return ((bin - shift * steps + 1) << shift) - 1;
}

}  // namespace

LogHistogram::LogHistogram() : counts_(static_cast<std::size_t>(bin_of(largest) + 1)) {}

void LogHistogram::add(std::int64_t value) {
  const std::int64_t taken = std::clamp<std::int64_t>(value, 0, largest);
  ++counts_[static_cast<std::size_t>(bin_of(taken))];
  ++count_;
  max_ = std::max(max_, taken);
}

std::int64_t LogHistogram::quantile(double part) const {
  if (count_ == 0) return 0;
  const auto wanted = static_cast<std::int64_t>(std::ceil(part * static_cast<double>(count_)));
  std::int64_t seen = 0;
  std::int64_t bin = -1;
  while (seen < wanted) seen += counts_[static_cast<std::size_t>(++bin)];
  return std::min(end_of(bin), max_);
}

}  // namespace haloedge

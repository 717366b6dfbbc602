#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace haloedge {

/// A histogram of numbers of any range in little memory: bins are less than 1/64 of their numbers wide, as in
/// HdrHistogram. Not thread-safe.
class LogHistogram {
 public:
  /// Counts a value below 0 as 0, and one above 2^40 as 2^40.
  void add(std::int64_t value) {
    const std::int64_t taken = std::clamp<std::int64_t>(value, 0, largest);
    ++counts_[static_cast<std::size_t>(bin_of(taken))];
    ++count_;
    max_ = std::max(max_, taken);
  }

  [[nodiscard]] std::int64_t count() const { return count_; }
  [[nodiscard]] std::int64_t max() const { return max_; }
  /// The smallest number that is not exceeded by `part` of all numbers (0 < part <= 1), to within 1/64; 0 if there are
  /// none.
  [[nodiscard]] std::int64_t quantile(double part) const {
    if (count_ == 0) return 0;
    const auto wanted = static_cast<std::int64_t>(std::ceil(part * static_cast<double>(count_)));
    std::int64_t seen = 0;
    std::int64_t bin = -1;
    while (seen < wanted) seen += counts_[static_cast<std::size_t>(++bin)];
    return std::min(end_of(bin), max_);
  }

 private:
  // Numbers below 2 * steps have a bin each. Above, every power of two has `steps` bins.
  static constexpr int step_bits = 6;
  static constexpr std::int64_t steps = 1 << step_bits;
  static constexpr std::int64_t largest = std::int64_t{1} << 40;

  static constexpr std::int64_t bin_of(std::int64_t value) {
    const int shift = std::max(0, static_cast<int>(std::bit_width(static_cast<std::uint64_t>(value))) - step_bits - 1);
    return shift * steps + (value >> shift);
  }
  /// The largest number in a bin.
  static constexpr std::int64_t end_of(std::int64_t bin) {
    const std::int64_t shift = bin < 2 * steps ? 0 : bin / steps - 1;
    return ((bin - shift * steps + 1) << shift) - 1;
  }

  std::vector<std::int64_t> counts_ = std::vector<std::int64_t>(static_cast<std::size_t>(bin_of(largest) + 1));
  std::int64_t count_ = 0;
  std::int64_t max_ = 0;
};

}  // namespace haloedge

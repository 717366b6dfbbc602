#pragma once

#include <cstdint>
#include <vector>

namespace haloedge {

/// A histogram of numbers of any range in little memory: bins are less than 1/64 of their numbers wide, as in
/// HdrHistogram. For one thread.
class LogHistogram {
 public:
  LogHistogram();

  /// Counts a value below 0 as 0, and one above 2^40 as 2^40.
  void add(std::int64_t value);

  [[nodiscard]] std::int64_t count() const { return count_; }
  [[nodiscard]] std::int64_t max() const { return max_; }
  /// The smallest number that is not exceeded by `part` of all numbers (0 < part <= 1), to within 1/64; 0 if there are
  /// none.
  [[nodiscard]] std::int64_t quantile(double part) const;

 private:
  std::vector<std::int64_t> counts_;
  std::int64_t count_ = 0;
  std::int64_t max_ = 0;
};

}  // namespace haloedge

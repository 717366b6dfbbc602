#pragma once

#include <cstdint>
#include <vector>

namespace haloedge {

/// How often which numbers came, in little memory however many there are: numbers are told apart to less than 1/64 of
/// themselves, as in HdrHistogram. For one thread.
class LogHistogram {
 public:
  LogHistogram();

  /// Less than 0 counts as 0, and what is beyond 2^40 as that.
  void add(std::int64_t value);

  [[nodiscard]] std::int64_t count() const { return count_; }
  [[nodiscard]] std::int64_t max() const { return max_; }
  /// The least number that `part` of all are not above, or up to 1/64 more; 0 < part <= 1. 0 if there are none.
  [[nodiscard]] std::int64_t quantile(double part) const;

 private:
  std::vector<std::int64_t> counts_;
  std::int64_t count_ = 0;
  std::int64_t max_ = 0;
};

}  // namespace haloedge

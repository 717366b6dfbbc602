#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "stream/frame.hpp"

namespace haloedge {

/// How often something happens, by its last few times. For one thread.
class RateMeter {
 public:
  /// A time before the last one counts as that.
  void tick(StreamClock::time_point now) {
    if (count_ > 0) now = std::max(now, at(1));
    times_[count_++ % times_.size()] = now;
  }

  /// A second; 0 before the second tick. Of what happened at most two seconds before the last tick, but for the last
  /// two times, which always count; of something that has stopped, ever less.
  [[nodiscard]] double rate(StreamClock::time_point now) const {
    if (count_ < 2) return 0;
    constexpr std::chrono::seconds window{2};
    const StreamClock::time_point last = at(1);
    std::size_t intervals = 1;
    while (intervals + 1 < known() && last - at(intervals + 2) <= window) ++intervals;
    const double between = seconds(last - at(intervals + 1)) / static_cast<double>(intervals);
    return 1 / std::max({between, seconds(now - last) / 2, shortest});
  }

 private:
  static constexpr double shortest = 1e-6;
  [[nodiscard]] static double seconds(StreamClock::duration time) {
    return std::chrono::duration<double>(time).count();
  }
  [[nodiscard]] std::size_t known() const { return std::min(count_, times_.size()); }
  /// The i-th last tick, from 1 on.
  [[nodiscard]] StreamClock::time_point at(std::size_t i) const { return times_[(count_ - i) % times_.size()]; }

  std::array<StreamClock::time_point, 128> times_{};
  std::size_t count_ = 0;
};

}  // namespace haloedge

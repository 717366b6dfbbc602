#include "stream/throttle.hpp"

#include <algorithm>
#include <utility>

#include "stream/pipe.hpp"

namespace haloedge {

Throttle::Throttle(double most_a_second, std::function<bool()> is_lifted)
    : period_(most_a_second > 0
                  ? std::chrono::duration_cast<StreamClock::duration>(std::chrono::duration<double>(1 / most_a_second))
                  : StreamClock::duration::zero()),
      is_lifted_(std::move(is_lifted)) {}

bool Throttle::wait_for_turn() {
  constexpr std::chrono::milliseconds look_period{poll_period_ms};
  std::unique_lock lock(guard_);
  const StreamClock::time_point mine = std::max(next_, StreamClock::now());
  next_ = mine + period_;
  while (!ended_ && StreamClock::now() < mine && !is_lifted_()) {
    changed_.wait_until(lock, std::min(mine, StreamClock::now() + look_period));
  }
  return !ended_;
}

void Throttle::end() {
  const std::lock_guard lock(guard_);
  ended_ = true;
  changed_.notify_all();
}

}  // namespace haloedge

#include "stream/throttle.hpp"

#include <algorithm>

namespace haloedge {

bool Throttle::wait_for_turn() {
  std::unique_lock lock(guard_);
  if (lifted_) return !ended_;
  const StreamClock::time_point mine = std::max(next_, StreamClock::now());
  next_ = mine + period_;
  changed_.wait_until(lock, mine, [&] { return ended_ || lifted_; });
  return !ended_;
}

void Throttle::lift() {
  const std::lock_guard lock(guard_);
  lifted_ = true;
  changed_.notify_all();
}

void Throttle::end() {
  const std::lock_guard lock(guard_);
  ended_ = true;
  changed_.notify_all();
}

}  // namespace haloedge

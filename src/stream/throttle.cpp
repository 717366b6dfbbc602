#include "stream/throttle.hpp"

#include <algorithm>

namespace haloedge {

bool Throttle::wait_for_turn() {
  std::unique_lock lock(guard_);
  const StreamClock::time_point mine = std::max(next_, StreamClock::now());
  next_ = mine + period_;
  changed_.wait_until(lock, mine, [&] { return ended_; });
  return !ended_;
}

void Throttle::end() {
  const std::lock_guard lock(guard_);
  ended_ = true;
  changed_.notify_all();
}

}  // namespace haloedge

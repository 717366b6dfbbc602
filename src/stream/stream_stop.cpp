#include "stream/stream_stop.hpp"

namespace haloedge {

void StreamStop::ask() {
  const std::lock_guard lock(guard_);
  if (!was_asked() && asked_()) asked_at_ = StreamClock::now();
}

bool StreamStop::input_should_end() {
  ask();
  return was_asked() || unwanted_;
}

bool StreamStop::output_should_give_up() {
  constexpr std::chrono::seconds patience{1};
  ask();
  return unwanted_ || (was_asked() && StreamClock::now() - asked_at_.load() > patience);
}

}  // namespace haloedge

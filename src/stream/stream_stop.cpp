#include "stream/stream_stop.hpp"

namespace haloedge {

void StreamStop::ask() {
  const std::lock_guard lock(guard_);
  if (asked_()) was_asked_ = true;
}

bool StreamStop::input_should_end() {
  ask();
  return was_asked_ || unwanted_;
}

bool StreamStop::output_should_give_up(StreamClock::duration waited) {
  constexpr std::chrono::seconds patience{1};
  ask();
  return unwanted_ || (was_asked_ && waited > patience);
}

}  // namespace haloedge

#include "stream/stream_stop.hpp"

namespace haloedge {

bool StreamStop::input_should_end() {
  if (!was_asked() && asked_()) asked_at_ = StreamClock::now();
  return was_asked() || unwanted_;
}

bool StreamStop::output_should_give_up() const {
  constexpr std::chrono::seconds patience{1};
  const StreamClock::time_point asked_at = asked_at_;
  return asked_at != StreamClock::time_point{} && StreamClock::now() - asked_at > patience;
}

}  // namespace haloedge

#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>

#include "stream/frame.hpp"

namespace haloedge {

/// Keeps threads together from beginning something more often than a number of times a second.
class Throttle {
 public:
  /// `most_a_second` 0: as often as they like. `is_lifted`, asked by any thread that waits, says whether it does not
  /// hold any more.
  Throttle(double most_a_second, std::function<bool()> is_lifted);

  /// Waits for the calling thread's turn; false once it was ended. Turns that were taken while there was nothing to
  /// begin with keep: so many may begin at once then.
  [[nodiscard]] bool wait_for_turn();

  /// It is nobody's turn any more.
  void end();

 private:
  StreamClock::duration period_;
  std::function<bool()> is_lifted_;
  std::mutex guard_;
  std::condition_variable changed_;
  StreamClock::time_point next_ = StreamClock::now();
  bool ended_ = false;
};

}  // namespace haloedge

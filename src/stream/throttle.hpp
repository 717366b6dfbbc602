#pragma once

#include <condition_variable>
#include <mutex>

#include "stream/frame.hpp"

namespace haloedge {

/// Keeps threads together from beginning something more often than a number of times a second.
class Throttle {
 public:
  /// 0: as often as they like.
  explicit Throttle(double most_a_second)
      : period_(most_a_second > 0 ? std::chrono::duration_cast<StreamClock::duration>(
                                        std::chrono::duration<double>(1 / most_a_second))
                                  : StreamClock::duration::zero()) {}

  /// Waits for the calling thread's turn; false once it was ended. Turns that were taken while there was nothing to
  /// begin with keep: so many may begin at once then.
  [[nodiscard]] bool wait_for_turn();

  /// From now on it is everybody's turn.
  void lift();
  /// It is nobody's turn any more.
  void end();

 private:
  StreamClock::duration period_;
  std::mutex guard_;
  std::condition_variable changed_;
  StreamClock::time_point next_ = StreamClock::now();
  bool lifted_ = false;
  bool ended_ = false;
};

}  // namespace haloedge

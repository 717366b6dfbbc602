#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace haloedge {

/// What a thread of a stage does.
enum class Doing : std::uint8_t { work, waiting_for_work, waiting_for_room, waiting_for_memory };

/// What each thread of one rank's stages does when: for a trace. It keeps every interval, so that it grows with the
/// items that pass.
class StageLog {
 public:
  using Clock = std::chrono::steady_clock;

  /// One that lies in another has its time to itself: a stage at work may wait for memory.
  struct Interval {
    Doing doing;
    Clock::time_point begin;
    Clock::time_point end;
  };

  /// One thread's, written by that thread alone, in the order of their ends.
  struct Lane {
    std::string stage;
    std::vector<Interval> intervals{};
  };

  /// Times the calling thread from its making to its end, if that thread has a lane; else it costs nothing. Waits of
  /// less than `shortest_wait` are left out.
  class Scope {
   public:
    explicit Scope(Doing doing);
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    ~Scope();

   private:
    Lane* lane_;
    Doing doing_;
    Clock::time_point begin_{};
  };

  static constexpr std::chrono::microseconds shortest_wait{10};

  /// Lanes stay where they are. Not for several threads at a time.
  [[nodiscard]] Lane& add_lane(std::string stage) { return lanes_.emplace_back(Lane{.stage = std::move(stage)}); }
  /// What the calling thread does goes to this lane from here on; null: nowhere.
  static void take_lane(Lane* lane);

  /// For when the threads have ended.
  [[nodiscard]] const std::deque<Lane>& lanes() const { return lanes_; }
  /// When the log was made.
  [[nodiscard]] Clock::time_point start() const { return start_; }

 private:
  Clock::time_point start_ = Clock::now();
  std::deque<Lane> lanes_;
};

/// "wait for room"; of work, the stage's name.
[[nodiscard]] std::string_view interval_name(const StageLog::Lane& lane, Doing doing);

}  // namespace haloedge

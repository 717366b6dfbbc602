#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "comm/communicator.hpp"
#include "stream/frame_filter.hpp"
#include "stream/painter.hpp"
#include "stream/stream_stats.hpp"
#include "stream/y4m.hpp"

namespace haloedge {

/// Decides when a stream ends before its input does: after a stop was requested, or when nobody reads its output.
/// Threads that wait for the input, for a turn or for the output's reader ask it regularly. Thread-safe.
class StreamStop {
 public:
  /// `stop_requested` is called by one thread at a time. What it throws ends the stream.
  explicit StreamStop(std::function<bool()> stop_requested) : stop_requested_(std::move(stop_requested)) {}

  /// Returns true once a stop was requested or the streams were ended.
  [[nodiscard]] bool input_should_end() {
    check_requested();
    return was_requested_ || ended_;
  }

  /// Returns true once the streams were ended, or once a stop was requested and the reader of the output has taken
  /// nothing for more than a second. `waited` is how long it has taken nothing.
  [[nodiscard]] bool output_should_give_up(StreamClock::duration waited) {
    constexpr std::chrono::seconds patience{1};
    check_requested();
    return ended_ || (was_requested_ && waited > patience);
  }

  /// Ends the reading and the writing of frames.
  void end_streams() { ended_ = true; }

  [[nodiscard]] bool was_requested() const { return was_requested_; }

 private:
  void check_requested() {
    const std::lock_guard lock(guard_);
    if (stop_requested_()) was_requested_ = true;
  }

  std::function<bool()> stop_requested_;
  std::mutex guard_;
  std::atomic<bool> was_requested_ = false;
  std::atomic<bool> ended_ = false;
};

/// Limits how often a group of threads begins a piece of work.
class Throttle {
 public:
  /// `max_a_second` is the limit; 0 means none. A thread that waits calls `is_lifted` now and then; once it returns
  /// true, the limit no longer holds.
  Throttle(double max_a_second, std::function<bool()> is_lifted)
      : period_(max_a_second > 0
                    ? std::chrono::duration_cast<StreamClock::duration>(std::chrono::duration<double>(1 / max_a_second))
                    : StreamClock::duration::zero()),
        is_lifted_(std::move(is_lifted)) {}

  /// Waits for the calling thread's turn. Returns false once end() was called. A thread that then waits for work keeps
  /// its turn, so several threads may begin at once when work comes.
  [[nodiscard]] bool wait_for_turn() {
    constexpr std::chrono::milliseconds check_period{poll_period_ms};
    std::unique_lock lock(guard_);
    const StreamClock::time_point mine = std::max(next_, StreamClock::now());
    next_ = mine + period_;
    while (!ended_ && StreamClock::now() < mine && !is_lifted_()) {
      changed_.wait_until(lock, std::min(mine, StreamClock::now() + check_period));
    }
    return !ended_;
  }

  /// Ends all waits. From now on nobody gets a turn.
  void end() {
    const std::lock_guard lock(guard_);
    ended_ = true;
    changed_.notify_all();
  }

 private:
  StreamClock::duration period_;
  std::function<bool()> is_lifted_;
  std::mutex guard_;
  std::condition_variable changed_;
  StreamClock::time_point next_ = StreamClock::now();
  bool ended_ = false;
};

/// The parts of a stream on rank 0, for a flow of either policy. A flow runs until the input ends or nobody reads the
/// output any more, and throws what the reader, the writer and the filters throw.
struct StreamJob {
  Y4mReader& reader;
  Y4mWriter& writer;
  const Painter& painter;
  const Y4mHeader& painted;                           ///< header of the output
  std::vector<std::unique_ptr<FrameFilter>> filters;  ///< each gets a thread
  bool hud = false;                                   ///< draw rates and age into the frames
  double max_filtered_a_second = 0;                   ///< by all filters together; 0: no limit
  StreamStats& stats;
  StreamStop& stop;
};

/// Runs a stream whose frames leave as fast as they come, however slow the filters are.
void run_live_flow(StreamJob& job);

/// Bytes that a live flow holds beside its filters.
[[nodiscard]] std::int64_t live_flow_bytes(const FrameFormat& frame, const FrameFormat& painted, std::int64_t filters);

/// Runs a stream whose frames all leave with their own edges, in order. A fast thread waits for the slow ones, and so
/// does the source. `remote_filters` has the number of filters of rank 1, 2, ...; it is empty if rank 0 works alone.
/// For rank 0; the other ranks call serve_frames() meanwhile. Throws also what messages throw.
void run_ordered_flow(StreamJob& job, const std::vector<int>& remote_filters, Communicator& communicator);

/// Bytes that an ordered flow holds beside its filters.
[[nodiscard]] std::int64_t ordered_flow_bytes(const FrameFormat& frame, const FrameFormat& painted,
                                              std::int64_t filters, const std::vector<int>& remote_filters);

/// The most frames of an ordered flow that are under way to another rank and back at one time: one for each of its
/// `filters`, one on its way to the rank, and one on its way back.
[[nodiscard]] constexpr std::int64_t max_frames_under_way(int filters) { return filters + 2; }

/// Finds the edges of the frames that rank 0 sends, with a thread for each filter, until there are no more frames. For
/// the other ranks. Throws what filters and messages throw.
void serve_frames(const FrameFormat& format, std::vector<std::unique_ptr<FrameFilter>>& filters, StreamStats& stats,
                  Communicator& communicator);

/// Bytes that serve_frames() holds beside the filters.
[[nodiscard]] std::int64_t serve_frames_bytes(const FrameFormat& format, std::int64_t filters);

}  // namespace haloedge

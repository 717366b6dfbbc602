#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "comm/communicator.hpp"

namespace haloedge {

/// The kinds of time that a thread spends. The first ones are the phases of an edge map; the last ones are the work and
/// the waits of a thread in a stage of a set.
enum class Phase : std::uint8_t {
  decode,
  gray,
  halo,
  filter,
  device,
  encode,
  write,
  gather,
  hysteresis,
  stage,
  wait_for_work,
  wait_for_room,
  wait_for_memory,
};
inline constexpr int edge_phase_count = 9;
inline constexpr int phase_count = 13;

[[nodiscard]] std::string_view phase_name(Phase phase);

/// Records where one rank's time goes: seconds per phase, summed over its threads, and on request every interval, which
/// takes memory in proportion to the work.
class Trace {
 public:
  using Clock = std::chrono::steady_clock;

  struct Interval {
    Phase phase;
    double begin;  ///< seconds since the trace was made
    double end;
  };

  /// One thread's record. That thread alone writes it.
  struct Lane {
    int number = 0;
    std::string name{};  ///< the stage that the thread works for, or what else the thread is
    std::array<double, phase_count> seconds{};
    std::vector<Interval> intervals{};
    double nested = 0;  ///< seconds of closed scopes within the open one
  };

  /// Times the calling thread during the life of this object. The seconds of a scope inside another one are not counted
  /// for the outer one. Waits shorter than `shortest_wait` are not kept as intervals. A null trace records nothing.
  class Scope {
   public:
    Scope(Trace& trace, Phase phase) : Scope(&trace, phase) {}
    Scope(Trace* trace, Phase phase);
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    ~Scope();

   private:
    Trace* trace_;
    Phase phase_;
    Lane* lane_ = nullptr;
    double outer_nested_ = 0;
    double begin_ = 0;
  };

  static constexpr double shortest_wait = 10e-6;  ///< seconds

  explicit Trace(bool keeps_intervals);
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;
  ~Trace();

  /// Adds a lane for a thread that is about to start. The reference stays valid as long as the trace.
  [[nodiscard]] Lane& add_lane(std::string name);
  /// From now on the calling thread's scopes go to `lane`. The lane of a thread that takes none is "main" for the
  /// thread that made this trace, and "worker" for all others.
  void take_lane(Lane& lane);
  /// Gives the calling thread's lane another name.
  void name_lane(std::string name) { lane().name = std::move(name); }

  // These must be called when no scope is open.
  [[nodiscard]] std::array<double, phase_count> seconds() const;
  [[nodiscard]] const std::list<Lane>& lanes() const { return lanes_; }

  /// Seconds since the trace was made.
  [[nodiscard]] double elapsed() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

  /// Writes all ranks' intervals to `path` on rank 0, in the Trace Event Format that chrome://tracing and Perfetto
  /// read: a rank is a process, its threads are threads. Collective. Throws Error if the file cannot be written.
  void write(const std::string& path, Communicator& communicator) const;

 private:
  /// The calling thread's lane.
  Lane& lane();

  bool keeps_intervals_;
  std::uint64_t number_ = 0;  ///< no other trace of this process has it
  std::thread::id maker_ = std::this_thread::get_id();
  Clock::time_point start_ = Clock::now();
  std::mutex lanes_guard_;
  std::list<Lane> lanes_;
};

}  // namespace haloedge

#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <list>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

namespace haloedge {

/// What a thread can be busy with.
enum class Phase : std::uint8_t { decode, gray, halo, filter, device, encode, write, gather, hysteresis };
inline constexpr int phase_count = 9;
[[nodiscard]] std::string_view phase_name(Phase phase);

/// Where one rank's time goes: seconds per phase, summed over its threads, and on request each single interval.
class Profile {
 public:
  using Clock = std::chrono::steady_clock;

  struct Interval {
    Phase phase;
    int thread;    ///< numbered in order of their first interval
    double begin;  ///< seconds since the profile was made
    double end;
  };

  /// Times the calling thread from its making to its end. A scope inside another takes its time from the outer one's.
  class Scope {
   public:
    Scope(Profile& profile, Phase phase);
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    ~Scope();

   private:
    Profile& profile_;
    Phase phase_;
    double outer_nested_;
    Clock::time_point begin_;
  };

  explicit Profile(bool keep_intervals) : keep_intervals_(keep_intervals) {}

  // For when no scope is open.
  [[nodiscard]] std::array<double, phase_count> seconds() const;
  [[nodiscard]] std::vector<Interval> intervals() const;

  /// Since the profile was made.
  [[nodiscard]] double elapsed() const { return since_start(Clock::now()); }

 private:
  /// One thread's share of the book: written by that thread alone.
  struct Lane {
    std::thread::id owner;
    int number = 0;
    std::array<double, phase_count> seconds{};
    std::vector<Interval> intervals{};
    double nested = 0;  ///< seconds of closed scopes within the open one
  };

  [[nodiscard]] double since_start(Clock::time_point time) const {
    return std::chrono::duration<double>(time - start_).count();
  }
  Lane& lane();

  bool keep_intervals_;
  Clock::time_point start_ = Clock::now();
  std::mutex lanes_guard_;
  std::list<Lane> lanes_;
};

}  // namespace haloedge

#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace haloedge {

/// What a thread can be busy with.
enum class Phase : std::uint8_t { decode, gray, halo, filter, encode, write, gather };
inline constexpr int phase_count = 7;
[[nodiscard]] std::string_view phase_name(Phase phase);

/// Where one rank's time goes: seconds per phase, summed over its threads, and on request each single interval.
class Profile {
 public:
  using Clock = std::chrono::steady_clock;

  struct Interval {
    Phase phase;
    int thread;
    double begin;  ///< seconds since the profile was made
    double end;
  };

  /// Times from its making to its end on the calling thread. Scopes of one thread do not nest.
  class Scope {
   public:
    Scope(Profile& profile, Phase phase) : profile_(profile), phase_(phase), begin_(Clock::now()) {}
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    ~Scope() { profile_.add(phase_, begin_, Clock::now()); }

   private:
    Profile& profile_;
    Phase phase_;
    Clock::time_point begin_;
  };

  explicit Profile(bool keep_intervals);
  Profile(const Profile&) = delete;
  Profile& operator=(const Profile&) = delete;
  ~Profile();

  /// Thread-safe.
  void add(Phase phase, Clock::time_point begin, Clock::time_point end);

  /// The rest only when no thread is adding.
  [[nodiscard]] std::array<double, phase_count> seconds() const;
  [[nodiscard]] std::vector<Interval> intervals() const;
  [[nodiscard]] double elapsed() const;

 private:
  struct Lane;
  Lane& lane();

  bool keep_intervals_;
  Clock::time_point start_;
  struct Lanes;
  std::unique_ptr<Lanes> lanes_;
};

}  // namespace haloedge

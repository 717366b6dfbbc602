#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>

#include "comm/communicator.hpp"
#include "run/options.hpp"

namespace haloedge {

/// Shows on standard error of rank 0 how far all ranks together are: one line that rewrites itself.
class Progress {
 public:
  using Counts = Communicator::Counts;
  /// The line for the sum of all ranks' counts, `seconds` after the beginning.
  using Line = std::function<std::string(const Counts& sum, double seconds)>;

  /// Where a rank counts itself when it has ended; the other places of Counts are the caller's.
  static constexpr std::size_t ranks_ended = 0;
  /// Where row_line() finds the rows that are done.
  static constexpr std::size_t rows_done = 1;

  /// With `logs` there is a line every few seconds where standard error is no terminal; else nothing is shown there,
  /// unless the user asked for it. Collective.
  Progress(const CommonOptions& options, Communicator& communicator, bool logs, Line line);

  /// Tells rank 0 this rank's counts, and draws on rank 0, now and then.
  void update(const Counts& counts);

  /// Shows the other ranks' progress until all have ended, then clears the line. Collective.
  void finish(Counts counts);

  /// A bar with the rate and the time left, for a job of so many rows of `row_pixels` each.
  [[nodiscard]] static Line row_line(std::int64_t rows, std::int64_t row_pixels);

 private:
  using Clock = std::chrono::steady_clock;
  void draw();

  Communicator& communicator_;
  Line line_;
  bool rewrites_ = false;
  bool shown_ = false;
  Clock::time_point start_ = Clock::now();
  Clock::time_point told_{};
  Clock::time_point drawn_{};
};

/// True if people see standard error as it comes. mpirun puts a pipe between its ranks and the terminal; then it counts
/// where mpirun's own standard error goes.
[[nodiscard]] bool error_stream_is_terminal();

/// Prints at once. A text that cannot be printed is lost: that is no reason to end the work.
void say(const std::string& text, std::FILE* to = stderr);

}  // namespace haloedge

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
  /// Returns the line for the sum of all ranks' counts, `seconds` after the beginning.
  using Line = std::function<std::string(const Counts& sum, double seconds)>;

  /// The place in Counts where a rank counts itself when it has ended. The other places are the caller's.
  static constexpr std::size_t ranks_ended = 0;
  /// The place in Counts from which row_line() takes the finished rows.
  static constexpr std::size_t rows_done = 1;

  /// If standard error is no terminal, `logs` decides: true prints a line every few seconds, false prints nothing
  /// unless the user asked for progress. Collective.
  Progress(const CommonOptions& options, Communicator& communicator, bool logs, Line line);

  /// Sends this rank's counts to rank 0, which draws the line now and then.
  void update(const Counts& counts);

  /// Shows the other ranks' progress until all have ended, then clears the line. Collective.
  void finish(Counts counts);

  /// Returns a line with a bar, the rate and the time left, for a job of `rows` rows of `row_pixels` pixels each.
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

/// Returns true if standard error goes to a terminal. mpirun puts a pipe between its ranks and the terminal; then the
/// standard error of the parent process decides.
[[nodiscard]] bool error_stream_is_terminal();

/// Prints the text and flushes the stream. Ignores errors, because they are no reason to end the work.
void say(const std::string& text, std::FILE* to = stderr);

}  // namespace haloedge

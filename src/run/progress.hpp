#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>

#include "comm/communicator.hpp"
#include "run/options.hpp"

namespace haloedge {

/// The line on standard error that says how far a job is. A terminal has one line, which is rewritten and cut to the
/// terminal's width. A log gets a line now and then: every 5 seconds at first, every 5 minutes later.
class StatusLine {
 public:
  explicit StatusLine(ProgressMode mode);

  /// Returns true if show() should be called: the line has been there for a while.
  [[nodiscard]] bool is_due() const;
  void show(std::string text);
  /// Clears the line of a terminal.
  void clear() const;
  /// Seconds since this object was made, and never 0.
  [[nodiscard]] double seconds() const;

 private:
  using Clock = std::chrono::steady_clock;

  bool on_terminal_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point shown_{};
};

/// Returns true if the options ask for the progress.
[[nodiscard]] bool progress_wanted(const CommonOptions& options);

/// Shows on standard error of rank 0 how far all ranks together are.
class Progress {
 public:
  using Counts = Communicator::Counts;
  /// Returns the line for the sum of all ranks' counts, `seconds` after the beginning.
  using Line = std::function<std::string(const Counts& sum, double seconds)>;

  /// The place in Counts where a rank counts itself when it has ended. The other places are the caller's.
  static constexpr std::size_t ranks_ended = 0;
  /// The places in Counts from which row_line() takes the finished rows, and those of them that earlier runs finished.
  static constexpr std::size_t rows_done = 1;
  static constexpr std::size_t rows_earlier = 2;

  /// Rank 0 draws what `line` returns.
  Progress(const CommonOptions& options, Communicator& communicator, Line line);

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
  bool shown_ = false;
  StatusLine status_;
  Clock::time_point told_{};
};

/// Returns "12 s left" or "5 min left" for a job that has done `done` of its work in `seconds`, and has `to_do` of it
/// to do.
[[nodiscard]] std::string time_left_text(double done, double to_do, double seconds);

/// Cuts the text, which is longer than that, to at most `columns`: if possible before a comma or a semicolon that a
/// space follows, so that "1,234" stays whole.
[[nodiscard]] std::string cut_line(const std::string& text, std::size_t columns);

/// Prints the text and flushes the stream. Ignores errors, because they must not end the work.
void say(const std::string& text, std::FILE* to = stderr);

}  // namespace haloedge

#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>

#include "stream/frame.hpp"
#include "stream/log_histogram.hpp"

namespace haloedge {

/// The current rate of an event, computed from the times of the last events. Not thread-safe.
class RateMeter {
 public:
  /// Records an event. If `now` is before the last event, the time of the last event is recorded instead.
  void tick(StreamClock::time_point now);

  /// Returns the events a second; 0 if there were fewer than two. The rate is computed from the events in the two
  /// seconds before the last one, at least from the last two. It falls when no more events come.
  [[nodiscard]] double rate(StreamClock::time_point now) const;

 private:
  [[nodiscard]] std::size_t known() const { return std::min(count_, times_.size()); }
  /// The time of the i-th last event; the last one is 1.
  [[nodiscard]] StreamClock::time_point at(std::size_t i) const { return times_[(count_ - i) % times_.size()]; }

  std::array<StreamClock::time_point, 128> times_{};
  std::size_t count_ = 0;
};

/// Counts the frames of a stream and measures how long they take. Thread-safe.
class StreamStats {
 public:
  using Time = StreamClock::time_point;

  /// The count of an event, with its first and its last time. Times may come in any order.
  struct Span {
    Time first{};
    Time last{};
    std::int64_t count = 0;

    void add(Time now);
    /// Events a second, from the first to the last.
    [[nodiscard]] double rate() const;
  };

  struct Totals {
    Span read;
    Span filtered;
    Span written;
    LogHistogram latency;  ///< time from reading to writing a frame, in microseconds
    LogHistogram filter;   ///< time that a filter takes for a frame, in microseconds
    LogHistogram age;      ///< how old the edges painted into a frame are, in frames
  };

  void add_read(Time arrived);
  /// Records that the edges of a frame were found on this rank between these times.
  void add_filtered(Time begin, Time end);
  /// Records that the edges of a frame have arrived from another rank.
  void add_filtered_elsewhere();
  /// Records that a frame that was read at `arrived` was written. Without an age, it had no edges yet.
  void add_written(Time arrived, std::optional<std::int64_t> age);

  /// The current rates, in frames a second: see RateMeter.
  struct Rates {
    double source = 0;
    double filter = 0;
  };
  [[nodiscard]] Rates rates() const;
  [[nodiscard]] Totals totals() const;

 private:
  mutable std::mutex guard_;
  Totals totals_;
  RateMeter source_;
  RateMeter filter_;
};

}  // namespace haloedge

#pragma once

#include <cstdint>
#include <mutex>
#include <optional>

#include "core/log_histogram.hpp"
#include "stream/frame.hpp"
#include "stream/rate_meter.hpp"

namespace haloedge {

/// What happened to how many frames of a stream, and how long it took. Any thread may call anything.
class StreamLog {
 public:
  using Time = StreamClock::time_point;

  /// Times of which the first and the last are kept; they may come in any order.
  struct Span {
    Time first{};
    Time last{};
    std::int64_t count = 0;

    void add(Time now);
    /// How often a second, between the first and the last.
    [[nodiscard]] double rate() const;
  };

  struct Totals {
    Span read;
    Span filtered;
    Span written;
    LogHistogram latency;  ///< from having read a frame to having written it, in microseconds
    LogHistogram filter;   ///< of the filter alone, in microseconds
    LogHistogram age;      ///< how many frames before the one it was shown with an annotation's own was
  };

  void add_read(Time arrived);
  /// A frame's edges were found between these times.
  void add_filtered(Time begin, Time end);
  /// The same, on another rank.
  void add_filtered_elsewhere();
  /// Without an age: there was no annotation yet.
  void add_written(Time arrived, std::optional<std::int64_t> age);

  // The last two seconds', a second.
  [[nodiscard]] double source_rate() const;
  [[nodiscard]] double filter_rate() const;

  [[nodiscard]] Totals totals() const;

 private:
  mutable std::mutex guard_;
  Totals totals_;
  RateMeter source_;
  RateMeter filter_;
};

}  // namespace haloedge

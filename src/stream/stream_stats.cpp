#include "stream/stream_stats.hpp"

namespace haloedge {

namespace {

std::int64_t microseconds(StreamClock::duration time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

double seconds(StreamClock::duration time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

void RateMeter::tick(StreamClock::time_point now) {
  if (count_ > 0) now = std::max(now, at(1));
  times_[count_++ % times_.size()] = now;
}

double RateMeter::rate(StreamClock::time_point now) const {
  if (count_ < 2) return 0;
  constexpr std::chrono::seconds window{2};
  constexpr double shortest = 1e-6;
  const StreamClock::time_point last = at(1);
  std::size_t intervals = 1;
  while (intervals + 1 < known() && last - at(intervals + 2) <= window) ++intervals;
  const double between = seconds(last - at(intervals + 1)) / static_cast<double>(intervals);
  return 1 / std::max({between, seconds(now - last) / 2, shortest});
}

void StreamStats::Span::add(Time now) {
  first = count++ == 0 ? now : std::min(first, now);
  last = std::max(last, now);
}

double StreamStats::Span::rate() const {
  if (count < 2 || last == first) return 0;
  return static_cast<double>(count - 1) / seconds(last - first);
}

void StreamStats::add_read(Time arrived) {
  const std::lock_guard lock(guard_);
  totals_.read.add(arrived);
  source_.tick(arrived);
}

void StreamStats::add_filtered(Time begin, Time end) {
  const std::lock_guard lock(guard_);
  totals_.filtered.add(end);
  totals_.filter.add(microseconds(end - begin));
  filter_.tick(end);
}

void StreamStats::add_filtered_elsewhere() {
  const Time now = StreamClock::now();
  const std::lock_guard lock(guard_);
  totals_.filtered.add(now);
  filter_.tick(now);
}

void StreamStats::add_written(Time arrived, std::optional<std::int64_t> age) {
  const Time now = StreamClock::now();
  const std::lock_guard lock(guard_);
  totals_.written.add(now);
  totals_.latency.add(microseconds(now - arrived));
  if (age) totals_.age.add(*age);
}

StreamStats::Rates StreamStats::rates() const {
  const Time now = StreamClock::now();
  const std::lock_guard lock(guard_);
  return {source_.rate(now), filter_.rate(now)};
}

StreamStats::Totals StreamStats::totals() const {
  const std::lock_guard lock(guard_);
  return totals_;
}

}  // namespace haloedge

#include "stream/stream_log.hpp"

#include <algorithm>

namespace haloedge {

namespace {

std::int64_t microseconds(StreamClock::duration time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

}  // namespace

void StreamLog::Span::add(Time now) {
  first = count++ == 0 ? now : std::min(first, now);
  last = std::max(last, now);
}

double StreamLog::Span::rate() const {
  if (count < 2 || last == first) return 0;
  return static_cast<double>(count - 1) / std::chrono::duration<double>(last - first).count();
}

void StreamLog::add_read(Time arrived) {
  const std::lock_guard lock(guard_);
  totals_.read.add(arrived);
  source_.tick(arrived);
}

void StreamLog::add_filtered(Time begin, Time end) {
  const std::lock_guard lock(guard_);
  totals_.filtered.add(end);
  totals_.filter.add(microseconds(end - begin));
  filter_.tick(end);
}

void StreamLog::add_filtered_elsewhere() {
  const Time now = StreamClock::now();
  const std::lock_guard lock(guard_);
  totals_.filtered.add(now);
  filter_.tick(now);
}

void StreamLog::add_written(Time arrived, std::optional<std::int64_t> age) {
  const Time now = StreamClock::now();
  const std::lock_guard lock(guard_);
  totals_.written.add(now);
  totals_.latency.add(microseconds(now - arrived));
  if (age) totals_.age.add(*age);
}

double StreamLog::source_rate() const {
  const std::lock_guard lock(guard_);
  return source_.rate(StreamClock::now());
}

double StreamLog::filter_rate() const {
  const std::lock_guard lock(guard_);
  return filter_.rate(StreamClock::now());
}

StreamLog::Totals StreamLog::totals() const {
  const std::lock_guard lock(guard_);
  return totals_;
}

}  // namespace haloedge

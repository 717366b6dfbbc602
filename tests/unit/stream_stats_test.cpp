#include "stream/stream_stats.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace haloedge {
namespace {

using namespace std::chrono_literals;

const StreamClock::time_point start = StreamClock::time_point{} + 1h;

TEST(RateMeter, FirstTick) {
  RateMeter meter;
  EXPECT_EQ(meter.rate(start), 0);
  meter.tick(start);
  EXPECT_EQ(meter.rate(start + 1s), 0);
}

TEST(RateMeter, RegularRate) {
  for (const auto period : {1ms, 10ms, 100ms, 1000ms, 5000ms}) {
    RateMeter meter;
    StreamClock::time_point now = start;
    for (int i = 0; i < 1000; ++i) {
      meter.tick(now);
      if (i > 0) {
        EXPECT_NEAR(meter.rate(now), 1 / std::chrono::duration<double>(period).count(), 1e-6);
      }
      now += period;
    }
    EXPECT_NEAR(meter.rate(now), 1 / std::chrono::duration<double>(period).count(), 1e-6);
  }
}

TEST(RateMeter, Forgets) {
  RateMeter meter;
  for (int i = 0; i < 20; ++i) meter.tick(start + i * 100ms);
  StreamClock::time_point now = start;
  for (int i = 0; i < 20; ++i) {
    now = start + 10s + i * 200ms;
    meter.tick(now);
  }
  EXPECT_NEAR(meter.rate(now), 5, 1e-6);
}

TEST(RateMeter, Stopped) {
  RateMeter meter;
  for (int i = 0; i < 20; ++i) meter.tick(start + i * 100ms);
  double before = meter.rate(start + 19 * 100ms);
  for (int seconds = 3; seconds < 20; ++seconds) {
    const double rate = meter.rate(start + std::chrono::seconds(seconds));
    EXPECT_LT(rate, before);
    EXPECT_GT(rate, 0);
    before = rate;
  }
}

TEST(StreamStats, AnyOrder) {
  StreamStats stats;
  stats.add_filtered(start, start + 200ms);
  stats.add_filtered(start, start + 100ms);
  const StreamStats::Span filtered = stats.totals().filtered;
  EXPECT_EQ(filtered.count, 2);
  EXPECT_EQ(filtered.first, start + 100ms);
  EXPECT_EQ(filtered.last, start + 200ms);
  EXPECT_NEAR(filtered.rate(), 10, 1e-6);
}

TEST(RateMeter, EarlierTime) {
  RateMeter meter;
  meter.tick(start);
  for (const auto now : {500ms, 1500ms, 1000ms}) meter.tick(start + now);
  EXPECT_NEAR(meter.rate(start + 1500ms), 2, 1e-6);
}

TEST(StreamStats, Counts) {
  StreamStats stats;
  const StreamClock::time_point now = StreamClock::now();
  for (int i = 0; i < 10; ++i) {
    stats.add_read(now + i * 10ms);
    stats.add_filtered(now, now + 3ms);
    if (i % 2 == 0) stats.add_filtered_elsewhere();
    stats.add_written(now - 20ms, i < 4 ? std::nullopt : std::optional<std::int64_t>(i));
  }
  const StreamStats::Totals totals = stats.totals();
  EXPECT_EQ(totals.read.count, 10);
  EXPECT_NEAR(totals.read.rate(), 100, 1e-6);
  EXPECT_EQ(totals.filtered.count, 15);
  EXPECT_EQ(totals.written.count, 10);
  EXPECT_EQ(totals.filter.count(), 10);
  EXPECT_NEAR(static_cast<double>(totals.filter.quantile(0.5)), 3000, 3000 / 64.0);
  EXPECT_GE(totals.latency.quantile(0.01), 20'000);
  EXPECT_EQ(totals.age.count(), 6);
  EXPECT_EQ(totals.age.max(), 9);
}

}  // namespace
}  // namespace haloedge

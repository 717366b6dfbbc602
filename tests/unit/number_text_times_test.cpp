#include <limits>

#include <gtest/gtest.h>

#include "core/number_text.hpp"

namespace haloedge {
namespace {

std::int64_t seconds(const std::string& text) {
  return parse_duration(text).value_or(std::chrono::seconds(-1)).count();
}

TEST(ParseLatency, Units) {
  EXPECT_DOUBLE_EQ(parse_latency("2us").value(), 2e-6);
  EXPECT_DOUBLE_EQ(parse_latency("1.5ms").value(), 1.5e-3);
  EXPECT_EQ(parse_latency("0s"), 0);
  for (const char* text : {"", "2", "us", "-1us", "2 us", "2h"}) EXPECT_EQ(parse_latency(text), std::nullopt) << text;
}

TEST(SecondsText, Units) {
  EXPECT_EQ(seconds_text(0.0214), "0.021 s");
  EXPECT_EQ(seconds_text(1.7), "1.70 s");
  EXPECT_EQ(seconds_text(34.25), "34.2 s");
  EXPECT_EQ(seconds_text(600), "10 min");
  EXPECT_EQ(seconds_text(18000), "5.0 h");
}

TEST(Duration, WithUnits) {
  EXPECT_EQ(seconds("90s"), 90);
  EXPECT_EQ(seconds("1s"), 1);
  EXPECT_EQ(seconds("55m"), 55 * 60);
  EXPECT_EQ(seconds("10min"), 10 * 60);
  EXPECT_EQ(seconds("1h30m"), 90 * 60);
  EXPECT_EQ(seconds("2d"), 2 * 86400);
  EXPECT_EQ(seconds("1d2h3m4s"), 86400 + 2 * 3600 + 3 * 60 + 4);
  EXPECT_EQ(seconds("0h5s"), 5);
}

TEST(Duration, Slurm) {
  EXPECT_EQ(seconds("30:00"), 30 * 60);
  EXPECT_EQ(seconds("01:30:00"), 90 * 60);
  EXPECT_EQ(seconds("1-12:00:00"), 36 * 3600);
  EXPECT_EQ(seconds("00:00:01"), 1);
}

TEST(Duration, Refused) {
  for (const char* text : {"",
                           "0",
                           "0s",
                           "0:00",
                           "-5",
                           "+5",
                           " 5",
                           "5 ",
                           "1.5h",
                           "1m1h",
                           "5x",
                           "90",
                           "1h30",
                           "m",
                           "s",
                           ":",
                           "1:",
                           ":1",
                           "1:2:3:4",
                           "1-",
                           "1-2",
                           "1-2:3",
                           "5S",
                           "99999999999999999999",
                           "99999999999h",
                           "1e3"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << '"' << text << '"';
  }
}

TEST(Duration, Overflow) {
  EXPECT_EQ(seconds("2147483647d"), std::int64_t{2147483647} * 86400);
  EXPECT_EQ(parse_duration("2147483648d"), std::nullopt);
}

TEST(TimeText, RoundTrip) {
  constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(time_text(0), "1970-01-01T00:00:00.000000000Z");
  EXPECT_EQ(time_text(-1), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(time_text(951'782'400'000'000'001), "2000-02-29T00:00:00.000000001Z");
  EXPECT_EQ(time_text(least), "1677-09-21T00:12:43.145224192Z");
  EXPECT_EQ(time_text(most), "2262-04-11T23:47:16.854775807Z");
  for (const std::int64_t time : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{-1'000'000'000}, least, least + 1,
                                  least + 1'000'000'000, most, std::int64_t{1'700'000'000'123'456'789}}) {
    EXPECT_EQ(parse_time(time_text(time)), time) << time_text(time);
  }
}

TEST(TimeText, Refused) {
  for (const char* text :
       {"", "now", "2026-01-01", "2026-01-01T00:00:00Z", "2026-01-01 00:00:00.000000000Z",
        "2026-01-01T00:00:00.00000000Z", "2026-01-01T00:00:00.0000000000Z", "2026-02-29T00:00:00.000000000Z",
        "2026-13-01T00:00:00.000000000Z", "2026-00-01T00:00:00.000000000Z", "2026-01-01T24:00:00.000000000Z",
        "2026-01-01T00:60:00.000000000Z", "2026-01-01T00:00:60.000000000Z", "-026-01-01T00:00:00.000000000Z",
        "2026-01-01T00:00:00.-00000000Z", "9999-12-31T23:59:59.999999999Z", "0000-01-01T00:00:00.000000000Z",
        "2262-04-11T23:47:16.854775808Z", "1677-09-21T00:12:43.145224191Z"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

}  // namespace
}  // namespace haloedge

#include "core/rate_text.hpp"

#include <gtest/gtest.h>

namespace haloedge {
namespace {

TEST(ParseRate, ReadsBytesAndBits) {
  EXPECT_EQ(parse_rate("1000"), 1000);
  EXPECT_EQ(parse_rate("100GB/s"), 100e9);
  EXPECT_EQ(parse_rate("12.5G"), 12.5e9);
  EXPECT_EQ(parse_rate("100Gb/s"), 12.5e9);
  EXPECT_EQ(parse_rate("8b"), 1);
  EXPECT_EQ(parse_rate("2M/s"), 2e6);
}

TEST(ParseRate, RefusesWhatIsNone) {
  for (const char* text : {"", "G", "0", "-1G", "1Q", "1GBs", "1 G", "1GiB/s", "inf", "nan", "/s", "1/s/s"}) {
    EXPECT_EQ(parse_rate(text), std::nullopt) << text;
  }
}

TEST(RateText, HasThreeDigits) {
  EXPECT_EQ(rate_text(12), "12 B/s");
  EXPECT_EQ(rate_text(1.534e9), "1.53 GB/s");
  EXPECT_EQ(rate_text(100e9), "100 GB/s");
}

TEST(ParseLatency, NeedsAUnit) {
  EXPECT_DOUBLE_EQ(parse_latency("2us").value(), 2e-6);
  EXPECT_DOUBLE_EQ(parse_latency("1.5ms").value(), 1.5e-3);
  EXPECT_EQ(parse_latency("0s"), 0);
  for (const char* text : {"", "2", "us", "-1us", "2 us", "2h"}) EXPECT_EQ(parse_latency(text), std::nullopt) << text;
}

TEST(SecondsText, ChangesItsUnit) {
  EXPECT_EQ(seconds_text(0.0214), "0.021 s");
  EXPECT_EQ(seconds_text(1.7), "1.70 s");
  EXPECT_EQ(seconds_text(34.25), "34.2 s");
  EXPECT_EQ(seconds_text(600), "10 min");
  EXPECT_EQ(seconds_text(18000), "5.0 h");
}

}  // namespace
}  // namespace haloedge

#include "core/number_text.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace haloedge {
namespace {

TEST(ParseSize, NumbersAndUnits) {
  EXPECT_EQ(parse_size("4096B"), 4096);
  EXPECT_EQ(parse_size("256M"), std::int64_t{256} << 20);
  EXPECT_EQ(parse_size("256m"), std::int64_t{256} << 20);
  EXPECT_EQ(parse_size("1.5G"), std::int64_t{3} << 29);
  EXPECT_EQ(parse_size("2GiB"), std::int64_t{2} << 30);
  EXPECT_EQ(parse_size("7kb"), 7 * 1024);
  EXPECT_EQ(parse_size("1T"), std::int64_t{1} << 40);
}

TEST(ParseSize, Refused) {
  for (const char* text :
       {"", "M", "-1", "0", "12Q", "1e3", "12 M", "M12", "1MM", "inf", "nan", "9999999T", "0.1", "64", "0.1B"}) {
    EXPECT_EQ(parse_size(text), std::nullopt) << text;
  }
}

TEST(SizeText, RoundsUp) {
  EXPECT_EQ(size_text(17), "17 B");
  EXPECT_EQ(size_text(1024), "1.0 KiB");
  EXPECT_EQ(size_text((std::int64_t{256} << 20) + 1), "257 MiB");
  EXPECT_EQ(size_text(std::int64_t{3} << 29), "1.5 GiB");
}

TEST(CountText, Thousands) {
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(1000), "1,000");
  EXPECT_EQ(count_text(1234567), "1,234,567");
  EXPECT_EQ(count_text(-123456), "-123,456");
}

TEST(CountText, Things) {
  EXPECT_EQ(count_text(0, "image"), "0 images");
  EXPECT_EQ(count_text(1, "image"), "1 image");
  EXPECT_EQ(count_text(1234, "image"), "1,234 images");
}

TEST(ParseRate, BytesAndBits) {
  EXPECT_EQ(parse_rate("1000B"), 1000);
  EXPECT_EQ(parse_rate("100GB/s"), 100e9);
  EXPECT_EQ(parse_rate("12.5G"), 12.5e9);
  EXPECT_EQ(parse_rate("100Gb/s"), 12.5e9);
  EXPECT_EQ(parse_rate("8b"), 1);
  EXPECT_EQ(parse_rate("2M/s"), 2e6);
}

TEST(ParseRate, Refused) {
  for (const char* text :
       {"", "G", "0", "10", "0G", "-1G", "1Q", "1GBs", "1 G", "1GiB/s", "inf", "nan", "/s", "1/s/s", "10/s"}) {
    EXPECT_EQ(parse_rate(text), std::nullopt) << text;
  }
}

TEST(RateText, ThreeDigits) {
  EXPECT_EQ(rate_text(12), "12 B/s");
  EXPECT_EQ(rate_text(1.534e9), "1.53 GB/s");
  EXPECT_EQ(rate_text(100e9), "100 GB/s");
  EXPECT_EQ(rate_text(999.4), "999 B/s");
  EXPECT_EQ(rate_text(999.5), "1 KB/s");
  EXPECT_EQ(rate_text(999.4e6), "999 MB/s");
  EXPECT_EQ(rate_text(999.7e6), "1 GB/s");
}

}  // namespace
}  // namespace haloedge

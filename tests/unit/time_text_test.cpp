// Times as text and back, and which bytes are UTF-8.
#include "core/time_text.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "core/utf8.hpp"

namespace haloedge {
namespace {

TEST(TimeText, ThereAndBack) {
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

TEST(TimeText, NoTimes) {
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

TEST(Utf8, WhatIsValid) {
  for (const char* text : {"", "plain", "\xc2\x80", "caf\xc3\xa9", "\xe0\xa0\x80", "\xe5\x9b\xbe", "\xed\x9f\xbf",
                           "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
  for (const char* text : {"\x80", "caf\xe9", "\xc3", "\xc1\xbf", "\xe5\x9b", "\xe0\x9f\xbf", "\xed\xa0\x80",
                           "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xe5\x9b.jpg"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
  }
}

}  // namespace
}  // namespace haloedge

#include "core/duration_text.hpp"

#include <gtest/gtest.h>

#include "core/printable.hpp"

namespace haloedge {
namespace {

std::int64_t seconds(const std::string& text) {
  return parse_duration(text).value_or(std::chrono::seconds(-1)).count();
}

TEST(Duration, WithUnits) {
  EXPECT_EQ(seconds("90"), 90);
  EXPECT_EQ(seconds("90s"), 90);
  EXPECT_EQ(seconds("1s"), 1);
  EXPECT_EQ(seconds("55m"), 55 * 60);
  EXPECT_EQ(seconds("1h30m"), 90 * 60);
  EXPECT_EQ(seconds("2d"), 2 * 86400);
  EXPECT_EQ(seconds("1d2h3m4s"), 86400 + 2 * 3600 + 3 * 60 + 4);
  EXPECT_EQ(seconds("0h5"), 5);
}

TEST(Duration, AsSlurmWritesIt) {
  EXPECT_EQ(seconds("30:00"), 30 * 60);
  EXPECT_EQ(seconds("01:30:00"), 90 * 60);
  EXPECT_EQ(seconds("1-12:00:00"), 36 * 3600);
  EXPECT_EQ(seconds("00:00:01"), 1);
}

TEST(Duration, AnythingElseIsNone) {
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

TEST(Duration, LargestNumbersDoNotOverflow) {
  EXPECT_EQ(seconds("2147483647d"), std::int64_t{2147483647} * 86400);
  EXPECT_EQ(parse_duration("2147483648d"), std::nullopt);
}

TEST(Printable, ControlCharactersAreSpelledOut) {
  EXPECT_EQ(printable("plain text"), "plain text");
  EXPECT_EQ(printable("a\nb\tc"), "a\\nb\\tc");
  EXPECT_EQ(printable("\x1b[31m\r\x7f"), "\\x1b[31m\\x0d\\x7f");
  EXPECT_EQ(printable(std::string_view("\0x", 2)), "\\x00x");
  EXPECT_EQ(printable("\xc3\xa4\xff"), "\xc3\xa4\xff") << "UTF-8 and what is none stay";
  EXPECT_EQ(printable(""), "");
}

}  // namespace
}  // namespace haloedge

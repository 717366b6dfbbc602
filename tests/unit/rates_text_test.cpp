#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "stream/painter.hpp"

namespace haloedge {
namespace {

TEST(RatesText, RatesAndAge) {
  RatesBuffer buffer;
  EXPECT_EQ(rates_text(29.97, 5, 6, 80, buffer), "SOURCE 30.0 FPS  FILTER 5.0 FPS  AGE 6");
  EXPECT_EQ(rates_text(0, 0, std::nullopt, 80, buffer), "SOURCE 0.0 FPS  FILTER 0.0 FPS  AGE -");
}

TEST(RatesText, NarrowFrames) {
  RatesBuffer buffer;
  EXPECT_EQ(rates_text(30, 5, 6, 38, buffer), "SOURCE 30.0 FPS  FILTER 5.0 FPS  AGE 6");
  EXPECT_EQ(rates_text(30, 5, 6, 37, buffer), "S 30.0 F 5.0 A 6");
  EXPECT_EQ(rates_text(30, 5, 6, 16, buffer), "S 30.0 F 5.0 A 6");
  EXPECT_EQ(rates_text(30, 5, 6, 15, buffer), "");
  EXPECT_EQ(rates_text(1e200, 5, 6, 1000, buffer), "");
}

/// Twelve frames arrive at 20 a second, and every third one is filtered.
TEST(RatesText, FromLog) {
  const Y4mHeader header = parse_y4m_header("YUV4MPEG2 W320 H40 Cmono");
  StreamStats stats;
  const StreamClock::time_point end = StreamClock::now() + std::chrono::seconds(10);  // however long this takes
  for (int i = 0; i < 12; ++i) {
    const StreamClock::time_point now = end - (11 - i) * std::chrono::milliseconds(50);
    stats.add_read(now);
    if (i % 3 == 2) stats.add_filtered(now, now);
  }
  const auto bytes = static_cast<std::size_t>(header.format.frame_bytes());
  std::vector<std::byte> drawn(bytes);
  std::vector<std::byte> expected(bytes);
  draw_rates(header, stats, 4, drawn.data());
  draw_text(header.format, false, "SOURCE 20.0 FPS  FILTER 6.7 FPS  AGE 4", expected.data());
  EXPECT_TRUE(drawn == expected);
}

}  // namespace
}  // namespace haloedge

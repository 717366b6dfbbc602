#include "stream/frame.hpp"

#include <array>

#include <gtest/gtest.h>

namespace haloedge {
namespace {

using Samples = std::array<std::uint32_t, 3>;

Samples samples_of(Color color, int bits, bool full_range) {
  const YCbCr made = to_ycbcr(color, bits, full_range);
  return {made.y, made.cb, made.cr};
}

constexpr Color black{0, 0, 0};
constexpr Color white{255, 255, 255};
constexpr Color red{255, 0, 0};
constexpr Color green{0, 255, 0};
constexpr Color blue{0, 0, 255};

TEST(ToYCbCr, LimitedRange) {
  EXPECT_EQ(samples_of(black, 8, false), (Samples{16, 128, 128}));
  EXPECT_EQ(samples_of(white, 8, false), (Samples{235, 128, 128}));
  EXPECT_EQ(samples_of(red, 8, false), (Samples{81, 90, 240}));
  EXPECT_EQ(samples_of(green, 8, false), (Samples{145, 54, 34}));
  EXPECT_EQ(samples_of(blue, 8, false), (Samples{41, 240, 110}));
  EXPECT_EQ(samples_of({255, 255, 0}, 8, false), (Samples{210, 16, 146}));
  EXPECT_EQ(samples_of({0, 255, 255}, 8, false), (Samples{170, 166, 16}));
}

TEST(ToYCbCr, FullRange) {
  EXPECT_EQ(samples_of(black, 8, true), (Samples{0, 128, 128}));
  EXPECT_EQ(samples_of(white, 8, true), (Samples{255, 128, 128}));
  EXPECT_EQ(samples_of(red, 8, true), (Samples{76, 85, 255}));
  EXPECT_EQ(samples_of(green, 8, true), (Samples{150, 44, 21}));
  EXPECT_EQ(samples_of(blue, 8, true), (Samples{29, 255, 107}));
}

TEST(ToYCbCr, DeepSamples) {
  EXPECT_EQ(samples_of(black, 10, false), (Samples{64, 512, 512}));
  EXPECT_EQ(samples_of(white, 10, false), (Samples{940, 512, 512}));
  EXPECT_EQ(samples_of(red, 10, false), (Samples{326, 361, 960}));
  EXPECT_EQ(samples_of(white, 16, false), (Samples{60160, 32768, 32768}));
  EXPECT_EQ(samples_of(white, 16, true), (Samples{65535, 32768, 32768}));
  EXPECT_EQ(samples_of(blue, 16, true), (Samples{7471, 65535, 27439}));
}

}  // namespace
}  // namespace haloedge

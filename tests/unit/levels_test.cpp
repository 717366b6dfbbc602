// Tests the conversion of samples of any type to 8 bits, with the values worked out by hand.
#include "measures/levels.hpp"

#include <cmath>
#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

namespace haloedge {
namespace {

using kernels::SampleType;
using Levels = std::vector<int>;

template <class Sample>
constexpr SampleType type_of = std::is_same_v<Sample, std::uint16_t> ? SampleType::u16
                               : std::is_same_v<Sample, float>       ? SampleType::f32
                                                                     : SampleType::f64;

/// Converts one row of samples.
template <class Sample>
Levels levels_of(const std::vector<Sample>& samples, ImageInfo image = {}) {
  image.type = type_of<Sample>;
  const std::int64_t width = std::ssize(samples) / image.channels;
  const auto* data = reinterpret_cast<const std::byte*>(samples.data());
  Levels levels;
  for (const std::byte byte :
       to_bytes({data, width * image.pixel_bytes(), width, 1, image.type, image.channels}, image)) {
    levels.push_back(std::to_integer<int>(byte));
  }
  return levels;
}

/// All levels, each made a sample of another type.
template <class Sample, class Store>
std::vector<Sample> stored(const Store& store) {
  std::vector<Sample> samples;
  for (int level = 0; level <= 255; ++level) samples.push_back(static_cast<Sample>(store(level)));
  return samples;
}

Levels all_levels() {
  return stored<int>([](int level) { return level; });
}

TEST(ToBytes, PicturesOfEightBits) {
  EXPECT_EQ(levels_of(stored<std::uint16_t>([](int level) { return level; })), all_levels());
  EXPECT_EQ(levels_of(stored<std::uint16_t>([](int level) { return level * 256; })), all_levels());
  EXPECT_EQ(levels_of(stored<std::uint16_t>([](int level) { return level * 257; })), all_levels());
  EXPECT_EQ(levels_of(stored<std::uint16_t>([](int level) { return level + 32768; }), {.zero = 32768}), all_levels());
  EXPECT_EQ(levels_of(stored<float>([](int level) { return level; })), all_levels());
  EXPECT_EQ(levels_of(stored<float>([](int level) { return level / 255.0; })), all_levels());
  EXPECT_EQ(levels_of(stored<float>([](int level) { return static_cast<float>(level) * (1.0F / 255); })), all_levels());
  EXPECT_EQ(levels_of(stored<double>([](int level) { return level; })), all_levels());
  EXPECT_EQ(levels_of(stored<double>([](int level) { return level / 255.0; })), all_levels());
}

TEST(ToBytes, PartOfTheLevels) {
  EXPECT_EQ(levels_of<std::uint16_t>({3, 100, 7}), (Levels{3, 100, 7}));
  EXPECT_EQ(levels_of<std::uint16_t>({512, 1024}), (Levels{2, 4}));
  EXPECT_EQ(levels_of<std::uint16_t>({514, 1028}), (Levels{2, 4}));
  EXPECT_EQ(levels_of<float>({0.4F, 0.6F}), (Levels{102, 153}));
}

TEST(ToBytes, Stretched) {
  EXPECT_EQ(levels_of<std::uint16_t>({0, 1, 3, 5, 510}), (Levels{0, 0, 2, 2, 255})) << "halves become even";
  EXPECT_EQ(levels_of<std::uint16_t>({1000, 1001, 1255}), (Levels{0, 1, 255}));
  EXPECT_EQ(levels_of<std::uint16_t>({512, 514, 767}), (Levels{0, 2, 255})) << "multiples of neither 256 nor 257";
  EXPECT_EQ(levels_of<std::uint16_t>({32668, 32768, 32868}, {.zero = 32768}), (Levels{0, 128, 255}));
  EXPECT_EQ(levels_of<float>({-1.5F, 0, 1.5F}), (Levels{0, 128, 255}));
  EXPECT_EQ(levels_of<float>({1e-30F, 2e-30F}), (Levels{0, 255}));
  EXPECT_EQ(levels_of<float>({0.25F, 0.25F}), (Levels{0, 0}));
  constexpr double huge = std::numeric_limits<double>::max();
  EXPECT_EQ(levels_of<double>({-huge, 0, huge}), (Levels{0, 128, 255}));
  EXPECT_EQ(levels_of<double>({500, 500 + 1e-9}), (Levels{0, 255}));
}

TEST(ToBytes, NotNumbers) {
  constexpr float inf = std::numeric_limits<float>::infinity();
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(levels_of<float>({100, nan, 1000, inf, -inf}), (Levels{0, 0, 255, 255, 0}));
  EXPECT_EQ(levels_of<float>({nan, nan}), (Levels{0, 0}));
  EXPECT_EQ(levels_of<float>({nan, inf, -inf}), (Levels{0, 0, 0}));
}

TEST(ToBytes, Nodata) {
  EXPECT_EQ(levels_of<float>({-9999, 500, 600, 755}, {.nodata = -9999}), (Levels{0, 0, 100, 255}));
  EXPECT_EQ(levels_of<std::uint16_t>({65535, 500, 600, 755}, {.nodata = 65535}), (Levels{0, 0, 100, 255}));
  EXPECT_EQ(levels_of<std::uint16_t>({0, 33268, 33368, 33523}, {.zero = 32768, .nodata = -32768}),
            (Levels{0, 0, 100, 255}));
  EXPECT_EQ(levels_of<std::uint16_t>({200, 100, 50}, {.nodata = 200}), (Levels{200, 100, 50}))
      << "the picture of 8 bits has its 200, too";
  EXPECT_EQ(levels_of<double>({1e300, 7, 7}, {.nodata = 1e300}), (Levels{0, 0, 0})) << "the data are all the same";
}

TEST(ToBytes, Channels) {
  EXPECT_EQ(levels_of<std::uint16_t>({1000, 9, 1255, 65535}, {.channels = 2}), (Levels{0, 0, 255, 0}));
  EXPECT_EQ(levels_of<std::uint16_t>({1000, 1001, 1002, 9, 1100, 1200, 1255, 65535}, {.channels = 4}),
            (Levels{0, 1, 2, 0, 100, 200, 255, 0}))
      << "one range for all colours";
  EXPECT_EQ(levels_of<std::uint16_t>({1000, 65535, 60000, 0, 1255, 1}, {.channels = 2, .alpha_is_mask = true}),
            (Levels{0, 0, 0, 0, 255, 0}));
}

TEST(ToBytes, RowsWithPadding) {
  const std::vector<std::uint16_t> samples{1000, 1255, 9999, 1001, 1002, 9999};
  const auto* data = reinterpret_cast<const std::byte*>(samples.data());
  const std::vector<std::byte> bytes = to_bytes({data, 6, 2, 2, SampleType::u16, 1}, {.type = SampleType::u16});
  EXPECT_EQ(bytes, (std::vector<std::byte>{std::byte{0}, std::byte{255}, std::byte{1}, std::byte{2}}));
}

}  // namespace
}  // namespace haloedge

#include "kernels/nodata.hpp"

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/bordered_plane.hpp"

namespace haloedge::kernels {
namespace {

constexpr std::int64_t width = 37;
constexpr std::int64_t rows = 19;

/// A mask of a few random pixels.
std::vector<std::uint8_t> random_mask(unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::uint8_t> mask(static_cast<std::size_t>(width * rows));
  for (std::uint8_t& pixel : mask) pixel = random() % 40 == 0 ? 1 : 0;
  return mask;
}

/// Returns whether a result has nodata in its support, found pixel by pixel.
bool touches(const std::vector<std::uint8_t>& mask, std::int64_t y, std::int64_t x, std::int64_t radius,
             Border border) {
  for (std::int64_t i = y - radius; i <= y + radius; ++i) {
    for (std::int64_t j = x - radius; j <= x + radius; ++j) {
      const std::int64_t row = border_index(i, rows, border);
      const std::int64_t column = border_index(j, width, border);
      if (row >= 0 && column >= 0 && mask[static_cast<std::size_t>(row * width + column)] != 0) return true;
    }
  }
  return false;
}

/// An image of one byte a pixel, with the value 7 where the mask is set.
ConstPixels masked_image(const std::vector<std::uint8_t>& mask, std::vector<std::uint8_t>& memory) {
  for (const std::uint8_t pixel : mask) memory.push_back(pixel != 0 ? 7 : 9);
  return {reinterpret_cast<const std::byte*>(memory.data()), width, width, rows, SampleType::u8, 1};
}

class Nodata : public testing::TestWithParam<Border> {};

INSTANTIATE_TEST_SUITE_P(Borders, Nodata,
                         testing::Values(Border::reflect, Border::mirror, Border::nearest, Border::constant,
                                         Border::wrap),
                         [](const auto& parameter) { return std::to_string(static_cast<int>(parameter.param)); });

TEST_P(Nodata, ResultsThatTouchIt) {
  for (const std::int64_t radius : {1, 2, 5}) {
    const std::vector<std::uint8_t> mask = random_mask(static_cast<unsigned>(radius));
    std::vector<std::uint8_t> memory;
    const NodataMask nodata(masked_image(mask, memory), {.value = 7}, GetParam(), radius);
    std::vector<float> results(static_cast<std::size_t>(width * rows), 0.5F);
    nodata.put(std::numeric_limits<double>::quiet_NaN(),
               {reinterpret_cast<std::byte*>(results.data()), width * 4, width, rows, SampleType::f32});
    std::vector<bool> has_data(results.size());
    nodata.find_data([&](std::int64_t row, std::int64_t first, std::int64_t count) {
      for (std::int64_t x = first; x < first + count; ++x) has_data[static_cast<std::size_t>(row * width + x)] = true;
    });
    for (std::int64_t y = 0; y < rows; ++y) {
      for (std::int64_t x = 0; x < width; ++x) {
        const auto at = static_cast<std::size_t>(y * width + x);
        const bool touched = touches(mask, y, x, radius, GetParam());
        ASSERT_EQ(std::isnan(results[at]), touched) << "row " << y << " column " << x << " radius " << radius;
        ASSERT_EQ(has_data[at], !touched) << "row " << y << " column " << x << " radius " << radius;
      }
    }
  }
}

/// Marks a row of pixels.
template <class Sample>
std::vector<int> marked(const std::vector<Sample>& samples, SampleType type, int channels, const NodataRule& rule) {
  const auto pixels = static_cast<std::int64_t>(samples.size()) / channels;
  std::vector<std::byte> mask(static_cast<std::size_t>(pixels), std::byte{0xEE});
  mark_nodata({reinterpret_cast<const std::byte*>(samples.data()),
               static_cast<std::int64_t>(samples.size() * sizeof(Sample)), pixels, 1, type, channels},
              rule, mask.data(), pixels);
  std::vector<int> found;
  for (const std::byte pixel : mask) found.push_back(pixel != std::byte{} ? 1 : 0);
  return found;
}

using Marks = std::vector<int>;

TEST(NodataRule, AllColoursHaveTheValue) {
  const std::vector<std::uint8_t> rgb{0, 0, 0, 0, 0, 1, 0, 9, 0};
  EXPECT_EQ(marked(rgb, SampleType::u8, 3, {.value = 0}), (Marks{1, 0, 0}));
  EXPECT_EQ(marked(rgb, SampleType::u8, 3, {.value = 0, .gray = Gray::red}), (Marks{1, 1, 1}));
  EXPECT_EQ(marked(rgb, SampleType::u8, 3, {.value = 0, .gray = Gray::green}), (Marks{1, 1, 0}));
  EXPECT_EQ(marked(rgb, SampleType::u8, 3, {.value = 0, .gray = Gray::blue}), (Marks{1, 0, 1}));
}

TEST(NodataRule, AlphaIsNoColour) {
  const std::vector<std::uint16_t> rgba{5, 5, 5, 0, 5, 5, 5, 1, 0, 0, 0, 65535};
  EXPECT_EQ(marked(rgba, SampleType::u16, 4, {.value = 5}), (Marks{1, 1, 0}));
  EXPECT_EQ(marked(rgba, SampleType::u16, 4, {.alpha = true}), (Marks{1, 0, 0}));
  EXPECT_EQ(marked(rgba, SampleType::u16, 4, {.alpha = true, .value = 0}), (Marks{1, 0, 1}));
  EXPECT_EQ(marked(rgba, SampleType::u16, 2, {.alpha = true}), (Marks{0, 1, 0, 0, 1, 0}));
}

TEST(NodataRule, ValuesThatTheTypeDoesNotHave) {
  const std::vector<std::uint8_t> bytes{0, 255, 247};
  for (const double value : {-9999.0, 256.0, 0.5, -1e300}) {
    EXPECT_EQ(marked(bytes, SampleType::u8, 1, {.value = value}), (Marks{0, 0, 0})) << value;
  }
  const float largest = std::numeric_limits<float>::max();
  const std::vector<float> floats{-largest, 0, NAN};
  EXPECT_EQ(marked(floats, SampleType::f32, 1, {.value = -3.40282346638529e+38}), (Marks{1, 0, 0}))
      << "written with fifteen digits";
  EXPECT_EQ(marked(floats, SampleType::f32, 1, {.value = -1.7976931348623157e308}), (Marks{0, 0, 0}));
  EXPECT_EQ(marked(floats, SampleType::f32, 1, {.nan = true}), (Marks{0, 0, 1}));
  EXPECT_EQ(marked(floats, SampleType::f32, 3, {.nan = true}), (Marks{0})) << "a colour is a number";
}

TEST(NodataRule, Doubles) {
  const std::vector<double> doubles{-1.7976931348623157e308, 4000000.5, NAN};
  EXPECT_EQ(marked(doubles, SampleType::f64, 1, {.nan = true, .value = 4000000.5}), (Marks{0, 1, 1}));
  EXPECT_EQ(marked(doubles, SampleType::f64, 1, {.value = -1.7976931348623157e308}), (Marks{1, 0, 0}));
}

}  // namespace
}  // namespace haloedge::kernels

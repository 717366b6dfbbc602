// Compares congestion maps with a convolution by definition, in double precision and two dimensions, and checks the
// mean that is computed without a map.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "measures/gray_statistics.hpp"

namespace haloedge {
namespace {

using kernels::ConstPixels;
using kernels::SampleType;

/// Random features. The bytes between the rows must not count.
struct Features {
  Features(std::int64_t width, std::int64_t rows, unsigned seed, bool binary = true)
      : bytes(static_cast<std::size_t>(rows * (width + gap)), std::byte{77}), pixels{bytes.data(),   width + gap,
                                                                                     width,          rows,
                                                                                     SampleType::u8, 1} {
    std::mt19937 random(seed);
    for (std::int64_t y = 0; y < rows; ++y) {
      for (std::int64_t x = 0; x < width; ++x) {
        const unsigned value = binary ? (random() % 4 == 0 ? 255U : 0U) : random() % 256;
        bytes[static_cast<std::size_t>(y * pixels.row_bytes + x)] = static_cast<std::byte>(value);
      }
    }
  }
  [[nodiscard]] double at(std::int64_t x, std::int64_t y) const {
    return std::to_integer<int>(bytes[static_cast<std::size_t>(y * pixels.row_bytes + x)]);
  }

  static constexpr std::int64_t gap = 5;
  std::vector<std::byte> bytes;
  ConstPixels pixels;
};

std::vector<float> map_of(const Features& features, std::span<const float> weights) {
  const ConstPixels& pixels = features.pixels;
  constexpr std::int64_t gap = 3;
  const std::int64_t stride = pixels.width + gap;
  std::vector<float> samples(static_cast<std::size_t>(stride * pixels.rows), -1.0F);
  congestion_map(pixels, weights,
                 {reinterpret_cast<std::byte*>(samples.data()), stride * static_cast<std::int64_t>(sizeof(float)),
                  pixels.width, pixels.rows, SampleType::f32});
  std::vector<float> map;
  for (std::int64_t y = 0; y < pixels.rows; ++y) {
    const auto row = samples.begin() + y * stride;
    map.insert(map.end(), row, row + pixels.width);
    EXPECT_TRUE(std::all_of(row + pixels.width, row + stride, [](float sample) { return sample == -1.0F; }));
  }
  return map;
}

/// Returns a pixel of the map by definition.
double blurred_at(const Features& features, std::span<const float> weights, std::int64_t x, std::int64_t y) {
  const std::int64_t radius = std::ssize(weights) / 2;
  double sum = 0;
  for (std::int64_t j = -radius; j <= radius; ++j) {
    for (std::int64_t i = -radius; i <= radius; ++i) {
      const double sample = features.at(std::clamp<std::int64_t>(x + i, 0, features.pixels.width - 1),
                                        std::clamp<std::int64_t>(y + j, 0, features.pixels.rows - 1));
      sum += static_cast<double>(weights[static_cast<std::size_t>(i + radius)]) *
             static_cast<double>(weights[static_cast<std::size_t>(j + radius)]) * sample;
    }
  }
  return sum;
}

double mean_of(const std::vector<float>& map) {
  double sum = 0;
  for (const float sample : map) sum += static_cast<double>(sample);
  return sum / static_cast<double>(map.size());
}

TEST(Congestion, Weights) {
  const std::vector<float> weights = congestion_weights(7);
  ASSERT_EQ(weights.size(), 71U);
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double distance = (static_cast<double>(i) - 35) / 7;
    EXPECT_NEAR(weights[i] / weights[35], std::exp(-distance * distance / 2), 1e-7);
    EXPECT_EQ(weights[i], weights[70 - i]);
    sum += static_cast<double>(weights[i]);
  }
  EXPECT_NEAR(sum, 1, 1e-7);
  EXPECT_EQ(congestion_weights(0.3).size(), 5U);
  EXPECT_EQ(congestion_weights(0.05), std::vector<float>{1.0F});
}

TEST(Congestion, Map) {
  for (const double sigma : {0.05, 1.0, 7.0}) {
    const std::vector<float> weights = congestion_weights(sigma);
    const std::int64_t sizes[][2] = {{1, 1}, {2, 1}, {1, 9}, {17, 5}, {33, 40}, {80, 37}};
    for (const auto& [width, rows] : sizes) {
      const Features features(width, rows, static_cast<unsigned>(width * 100 + rows));
      const std::vector<float> map = map_of(features, weights);
      for (std::int64_t y = 0; y < rows; ++y) {
        for (std::int64_t x = 0; x < width; ++x) {
          ASSERT_NEAR(map[static_cast<std::size_t>(y * width + x)], blurred_at(features, weights, x, y), 255 * 1e-6)
              << width << " x " << rows << ", sigma " << sigma << ", at " << x << ", " << y;
        }
      }
    }
  }
}

TEST(Congestion, Mean) {
  const std::int64_t sizes[][2] = {{1, 1},   {1, 2},   {2, 1},   {3, 2},   {1, 400},  {400, 1},  {35, 36},
                                   {36, 35}, {70, 72}, {71, 71}, {72, 70}, {150, 40}, {64, 600}, {301, 299}};
  for (const double sigma : {0.05, 2.5, 7.0}) {
    const std::vector<float> weights = congestion_weights(sigma);
    for (const auto& [width, rows] : sizes) {
      for (const bool binary : {true, false}) {
        const Features features(width, rows, static_cast<unsigned>(width + rows), binary);
        const double expected = mean_of(map_of(features, weights));
        EXPECT_NEAR(mean_congestion(features.pixels, weights), expected, 1e-6 * expected)
            << width << " x " << rows << ", sigma " << sigma << (binary ? ", binary" : "");
      }
    }
  }
}

TEST(Congestion, ManyRows) {
  // The columns have more rows of 255 than 16 bits can add up.
  Features features(40, 1000, 1);
  std::fill(features.bytes.begin(), features.bytes.end(), std::byte{255});
  EXPECT_NEAR(mean_congestion(features.pixels, congestion_weights(7)), 255, 255 * 1e-6);
}

}  // namespace
}  // namespace haloedge

// Compares statistics of small images with their definitions.
#include "measures/gray_statistics.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <map>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/canny.hpp"

namespace haloedge {
namespace {

using kernels::BorderedPlane;
using kernels::Norm;

/// Returns a gray image with levels below `levels` times `step`, in a border like that of canny_gray().
BorderedPlane random_gray(std::int64_t width, std::int64_t rows, unsigned levels, unsigned step = 1) {
  BorderedPlane gray(width, rows, kernels::SampleType::u8, kernels::canny_radius);
  std::mt19937 random(static_cast<unsigned>(width * rows));
  const kernels::Plane plane = gray.plane();
  for (std::int64_t y = 0; y < rows; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      plane.data[y * plane.row_bytes + x] = static_cast<std::byte>(random() % levels * step);
    }
  }
  gray.fill_border(kernels::Border::nearest);
  return gray;
}

int at(const BorderedPlane& gray, std::int64_t x, std::int64_t y) {
  const kernels::ConstPixels pixels = gray.pixels();
  const std::int64_t row = kernels::border_index(y, pixels.rows, kernels::Border::nearest);
  const std::int64_t column = kernels::border_index(x, pixels.width, kernels::Border::nearest);
  return std::to_integer<int>(pixels.data[row * pixels.row_bytes + column]);
}

constexpr std::array<std::array<std::int64_t, 2>, 7> sizes{
    {{1, 1}, {1, 7}, {9, 1}, {8, 8}, {17, 13}, {61, 47}, {300, 5}}};

TEST(GrayStatistics, Entropy) {
  for (const auto& [width, rows] : sizes) {
    const BorderedPlane gray = random_gray(width, rows, 50);
    std::map<int, double> parts;
    for (std::int64_t i = 0; i < width * rows; ++i)
      parts[at(gray, i % width, i / width)] += 1.0 / static_cast<double>(width * rows);
    double entropy = 0;
    for (const auto& [level, part] : parts) entropy -= part * std::log2(part);
    EXPECT_NEAR(gray_entropy(gray.pixels()), entropy, 1e-12) << width << " x " << rows;
  }
}

TEST(GrayStatistics, EntropyExtremes) {
  EXPECT_EQ(gray_entropy(random_gray(20, 20, 1).pixels()), 0);
  std::vector<std::byte> all;
  for (int i = 0; i < 1024; ++i) all.push_back(static_cast<std::byte>(i % 256));
  EXPECT_DOUBLE_EQ(gray_entropy({all.data(), 32, 32, 32, kernels::SampleType::u8, 1}), 8);
}

TEST(GrayStatistics, Density) {
  for (const auto& [width, rows] : sizes) {
    const BorderedPlane edges = random_gray(width, rows, 2, 255);
    double set = 0;
    for (std::int64_t i = 0; i < width * rows; ++i) set += at(edges, i % width, i / width) != 0 ? 1 : 0;
    EXPECT_DOUBLE_EQ(edge_density(edges.pixels()), set / static_cast<double>(width * rows)) << width << " x " << rows;
  }
}

TEST(GrayStatistics, Gradient) {
  for (const auto& [width, rows] : sizes) {
    const BorderedPlane gray = random_gray(width, rows, 256);
    double l1 = 0;
    double l2 = 0;
    for (std::int64_t i = 0; i < width * rows; ++i) {
      int gx = 0;
      int gy = 0;
      for (int k = -1; k <= 1; ++k) {
        const std::int64_t x = i % width;
        const std::int64_t y = i / width;
        gx += (2 - std::abs(k)) * (at(gray, x + 1, y + k) - at(gray, x - 1, y + k));
        gy += (2 - std::abs(k)) * (at(gray, x + k, y + 1) - at(gray, x + k, y - 1));
      }
      l1 += std::abs(gx) + std::abs(gy);
      l2 += std::hypot(gx, gy);
    }
    const auto count = static_cast<double>(width * rows);
    EXPECT_NEAR(mean_gradient(gray, Norm::l1), l1 / count, 1e-9) << width << " x " << rows;
    EXPECT_NEAR(mean_gradient(gray, Norm::l2), l2 / count, 1e-4) << width << " x " << rows;
  }
}

}  // namespace
}  // namespace haloedge

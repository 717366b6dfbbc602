// Compares Canny's thresholds and the Gaussian's weights with their definitions and with numbers computed by hand.
#include "kernels/canny.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/gaussian.hpp"

namespace haloedge::kernels {
namespace {

TEST(CannyFilter, WholePart) {
  const CannyFilter l1 = canny_filter(Norm::l1, 99.5, 200);
  EXPECT_EQ(l1.norm, Norm::l1);
  EXPECT_EQ(l1.low, 99);  // 100 is above 99.5, 99 is not
  EXPECT_EQ(l1.high, 200);
  const CannyFilter l2 = canny_filter(Norm::l2, 99.5, 200);
  EXPECT_EQ(l2.norm, Norm::l2);
  EXPECT_EQ(l2.low, 9900);  // 99.5^2 = 9900.25
  EXPECT_EQ(l2.high, 40000);
}

TEST(CannyFilter, AnyThreshold) {
  EXPECT_EQ(canny_filter(Norm::l1, 0, 1e300).low, 0);
  EXPECT_EQ(canny_filter(Norm::l1, 0, 1e300).high, 32767);
  EXPECT_EQ(canny_filter(Norm::l2, 0, 1e300).high, 32767 * 32767);
}

/// The magnitude of the middle one of 3 x 3 samples.
std::size_t only_magnitude(Norm norm, const std::vector<std::uint8_t>& samples) {
  const auto* first = reinterpret_cast<const std::byte*>(samples.data());
  const std::byte* rows[3] = {first, first + 3, first + 6};
  MagnitudeCounts counts(magnitude_bins);
  count_magnitudes(norm, rows, 1, 1, 1, counts);
  EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}), 1);
  return static_cast<std::size_t>(std::max_element(counts.begin(), counts.end()) - counts.begin());
}

TEST(CountMagnitudes, RoundsUp) {
  EXPECT_EQ(only_magnitude(Norm::l1, {0, 0, 0, 0, 9, 2, 0, 1, 0}), 6U);   // x 4, y 2
  EXPECT_EQ(only_magnitude(Norm::l2, {0, 0, 0, 0, 9, 2, 0, 1, 0}), 5U);   // the root of 20
  EXPECT_EQ(only_magnitude(Norm::l2, {0, 0, 0, 0, 9, 4, 0, 3, 0}), 10U);  // x 8, y 6: whole
  EXPECT_EQ(only_magnitude(Norm::l1, {7, 7, 7, 7, 7, 7, 7, 7, 7}), 0U);
  EXPECT_EQ(only_magnitude(Norm::l1, {0, 0, 0, 0, 0, 255, 0, 255, 255}), 1530U);
}

TEST(CountMagnitudes, AddsRectangles) {
  const std::vector<std::byte> level(10, std::byte{77});
  const std::vector<const std::byte*> rows(6, level.data());
  MagnitudeCounts counts(magnitude_bins);
  counts[0] = 5;
  count_magnitudes(Norm::l2, rows.data(), 1, 8, 4, counts);
  EXPECT_EQ(counts[0], 5 + 8 * 4);
}

std::int64_t above(const MagnitudeCounts& counts, double threshold) {
  const auto first = counts.begin() + static_cast<std::ptrdiff_t>(threshold) + 1;
  return std::accumulate(first, counts.end(), std::int64_t{0});
}

TEST(MagnitudeQuantile, LeastThreshold) {
  MagnitudeCounts counts(magnitude_bins);
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] = static_cast<std::int64_t>(i * 7919 % 31 % 5);
  const auto total = static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
  for (const double part : {0.0, 1e-4, 0.1, 0.3, 0.5, 0.99}) {
    const double threshold = magnitude_quantile(counts, part);
    EXPECT_LE(static_cast<double>(above(counts, threshold)), part * total) << part;
    ASSERT_GT(threshold, 0) << part;
    EXPECT_GT(static_cast<double>(above(counts, threshold - 1)), part * total) << part;
  }
  EXPECT_EQ(magnitude_quantile(counts, 1), 0);
}

TEST(MagnitudeQuantile, Extremes) {
  MagnitudeCounts counts(magnitude_bins);
  EXPECT_EQ(magnitude_quantile(counts, 0.5), 0);  // no pixels
  counts[2040] = 4;
  EXPECT_EQ(magnitude_quantile(counts, 0.5), 2040);
  counts[0] = 4;
  EXPECT_EQ(magnitude_quantile(counts, 0.5), 0);
  EXPECT_EQ(magnitude_quantile(counts, 0.49), 2040);
}

/// The variance between the classes up to a threshold and above it.
double variance_between(const MagnitudeCounts& counts, std::size_t threshold) {
  double number[2] = {0, 0};
  double sum[2] = {0, 0};
  for (std::size_t i = 0; i < counts.size(); ++i) {
    number[i > threshold] += static_cast<double>(counts[i]);
    sum[i > threshold] += static_cast<double>(counts[i]) * static_cast<double>(i);
  }
  if (number[0] == 0 || number[1] == 0) return 0;
  const double apart = sum[0] / number[0] - sum[1] / number[1];
  return number[0] * number[1] * apart * apart;
}

TEST(OtsuThreshold, GreatestVariance) {
  MagnitudeCounts counts(magnitude_bins);
  // Many small magnitudes, and a smaller peak around 900.
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double x = static_cast<double>(i);
    counts[i] = std::lrint(5000 * std::exp(-x / 60) + 300 * std::exp(-(x - 900) * (x - 900) / 40000));
  }
  const auto found = static_cast<std::size_t>(otsu_threshold(counts));
  const double best = variance_between(counts, found);
  for (std::size_t i = 0; i < counts.size(); ++i) ASSERT_LE(variance_between(counts, i), best * (1 + 1e-12)) << i;
}

TEST(OtsuThreshold, FewLevels) {
  MagnitudeCounts counts(magnitude_bins);
  EXPECT_EQ(otsu_threshold(counts), 0);
  counts[70] = 10;
  EXPECT_EQ(otsu_threshold(counts), 0);
  counts[90] = 3;
  EXPECT_EQ(otsu_threshold(counts), 70);  // all thresholds up to 89 are equally good
}

TEST(FixedGaussian, KnownWeights) {
  // OpenCV's GaussianBlur of a white line shows its weights.
  EXPECT_EQ(fixed_gaussian(0.8).at, (std::vector<std::uint16_t>{0, 6, 58, 128, 58, 6, 0}));
  EXPECT_EQ(fixed_gaussian(1.4).at, (std::vector<std::uint16_t>{1, 8, 26, 56, 74, 56, 26, 8, 1}));
}

TEST(FixedGaussian, Symmetric) {
  for (int twentieths = 1; twentieths <= 20 * max_sigma; ++twentieths) {
    const double sigma = twentieths / 20.0;
    const GaussianWeights weights = fixed_gaussian(sigma);
    EXPECT_EQ(weights.at.size() % 2, 1U) << sigma;
    EXPECT_NEAR(static_cast<double>(weights.at.size()), 6 * sigma + 1.5, 1) << sigma;
    EXPECT_EQ(std::accumulate(weights.at.begin(), weights.at.end(), 0), 256) << sigma;
    EXPECT_EQ(weights.at, std::vector<std::uint16_t>(weights.at.rbegin(), weights.at.rend())) << sigma;
  }
  EXPECT_EQ(fixed_gaussian(max_sigma).radius(), 60);
}

TEST(FixedGaussian, OutOfRange) {
  for (const double sigma : {-0.1, max_sigma + 0.01, 1e9, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THROW((void)fixed_gaussian(sigma), std::invalid_argument) << sigma;
  }
}

TEST(FixedGaussian, NoBlur) {
  EXPECT_TRUE(fixed_gaussian(0).at.empty());
  EXPECT_EQ(fixed_gaussian(0).radius(), 0);
}

}  // namespace
}  // namespace haloedge::kernels

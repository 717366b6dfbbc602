#include "stream/log_histogram.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace haloedge {
namespace {

/// Returns numbers of all orders of magnitude.
std::vector<std::int64_t> random_numbers(std::size_t count, int max_bits) {
  std::mt19937_64 random(count);
  std::vector<std::int64_t> numbers;
  while (numbers.size() < count) {
    const auto bits = random() % static_cast<unsigned>(max_bits + 1);
    numbers.push_back(static_cast<std::int64_t>(random() & ((std::uint64_t{1} << bits) - 1)));
  }
  return numbers;
}

/// Returns the least number that at least `percent` of all numbers do not exceed.
std::int64_t quantile_of(std::vector<std::int64_t> numbers, std::size_t percent) {
  std::sort(numbers.begin(), numbers.end());
  return numbers[(numbers.size() * percent + 99) / 100 - 1];
}

TEST(LogHistogram, Quantiles) {
  for (const std::size_t count : {1U, 2U, 3U, 10U, 99U, 100U, 5000U}) {
    for (const int bits : {4, 7, 12, 40}) {
      const std::vector<std::int64_t> numbers = random_numbers(count, bits);
      LogHistogram histogram;
      for (const std::int64_t number : numbers) histogram.add(number);
      for (const std::size_t percent : {1U, 25U, 50U, 75U, 95U, 99U, 100U}) {
        SCOPED_TRACE(std::to_string(count) + " numbers, " + std::to_string(percent) + " %");
        const std::int64_t exact = quantile_of(numbers, percent);
        const std::int64_t got = histogram.quantile(static_cast<double>(percent) / 100);
        EXPECT_GE(got, exact);
        EXPECT_LE(64 * (got - exact), std::max<std::int64_t>(exact, 1));
        if (exact < 128) {
          EXPECT_EQ(got, exact);
        }
      }
      EXPECT_EQ(histogram.quantile(1), *std::max_element(numbers.begin(), numbers.end()));
      EXPECT_EQ(histogram.max(), histogram.quantile(1));
      EXPECT_EQ(histogram.count(), static_cast<std::int64_t>(count));
    }
  }
}

TEST(LogHistogram, Resolution) {
  constexpr std::int64_t largest = std::int64_t{1} << 40;
  for (int bits = 0; bits <= 40; ++bits) {
    for (const std::int64_t beside : {-1, 0, 1, 77}) {
      const std::int64_t number = std::clamp<std::int64_t>((std::int64_t{1} << bits) + beside, 0, largest);
      LogHistogram histogram;
      histogram.add(number);
      histogram.add(largest);
      EXPECT_GE(histogram.quantile(0.5), number);
      EXPECT_LE(64 * (histogram.quantile(0.5) - number), number);
    }
  }
}

TEST(LogHistogram, Empty) {
  const LogHistogram histogram;
  EXPECT_EQ(histogram.count(), 0);
  EXPECT_EQ(histogram.max(), 0);
  EXPECT_EQ(histogram.quantile(0.5), 0);
  EXPECT_EQ(histogram.quantile(1), 0);
}

TEST(LogHistogram, BeyondRange) {
  LogHistogram histogram;
  histogram.add(std::numeric_limits<std::int64_t>::min());
  histogram.add(-1);
  histogram.add(std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(histogram.count(), 3);
  EXPECT_EQ(histogram.quantile(0.6), 0);
  EXPECT_EQ(histogram.quantile(1), std::int64_t{1} << 40);
}

}  // namespace
}  // namespace haloedge

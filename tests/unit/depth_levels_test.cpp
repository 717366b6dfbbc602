// Compares the optimal k-means with all ways to cut a few values, and tests levels of depth.
#include "measures/depth_levels.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/error.hpp"

namespace haloedge {
namespace {

using Cuts = std::vector<std::uint32_t>;
using kernels::SampleType;

struct Weighted {
  std::vector<double> values;
  std::vector<std::int64_t> counts;
};

/// Returns the sum of squared distances from the runs' means, by definition.
double inertia_of(const Weighted& data, const Cuts& begins) {
  double inertia = 0;
  for (std::size_t run = 0; run < begins.size(); ++run) {
    const std::size_t end = run + 1 < begins.size() ? begins[run + 1] : data.values.size();
    double sum = 0;
    double count = 0;
    for (std::size_t i = begins[run]; i < end; ++i) {
      sum += data.values[i] * static_cast<double>(data.counts[i]);
      count += static_cast<double>(data.counts[i]);
    }
    for (std::size_t i = begins[run]; i < end; ++i) {
      const double distance = data.values[i] - sum / count;
      inertia += distance * distance * static_cast<double>(data.counts[i]);
    }
  }
  return inertia;
}

/// Returns all cuts of `size` values into `parts` runs.
std::vector<Cuts> all_cuts(std::uint32_t size, int parts) {
  if (parts == 1) return {{0}};
  std::vector<Cuts> all;
  for (auto last = static_cast<std::uint32_t>(parts - 1); last < size; ++last) {
    for (Cuts cuts : all_cuts(last, parts - 1)) {
      cuts.push_back(last);
      all.push_back(cuts);
    }
  }
  return all;
}

/// Returns the best cuts. Among cuts that are equally good, up to `tolerance`, it prefers those whose last run begins
/// lowest, then those whose run before the last begins lowest.
Cuts best_cuts(const Weighted& data, int parts, double tolerance) {
  const std::vector<Cuts> all = all_cuts(static_cast<std::uint32_t>(data.values.size()), parts);
  double least = std::numeric_limits<double>::infinity();
  for (const Cuts& cuts : all) least = std::min(least, inertia_of(data, cuts));
  Cuts best;
  for (const Cuts& cuts : all) {
    if (inertia_of(data, cuts) > least + tolerance) continue;
    if (best.empty() || std::lexicographical_compare(cuts.rbegin(), cuts.rend(), best.rbegin(), best.rend()))
      best = cuts;
  }
  return best;
}

Weighted random_data(std::size_t size, std::mt19937& random, bool whole) {
  Weighted data;
  double value = -20;
  for (std::size_t i = 0; i < size; ++i) {
    value += whole ? static_cast<double>(1 + random() % 3) : 0.01 + static_cast<double>(random() % 10000) / 5000;
    data.values.push_back(value);
    data.counts.push_back(static_cast<std::int64_t>(1 + random() % 5));
  }
  return data;
}

TEST(OptimalCuts, Best) {
  std::mt19937 random(11);
  for (int round = 0; round < 200; ++round) {
    const Weighted data = random_data(1 + random() % 11, random, false);
    for (int parts = 1; parts <= static_cast<int>(data.values.size()); ++parts) {
      EXPECT_EQ(optimal_cuts(data.values, data.counts, parts), best_cuts(data, parts, 0)) << round << ", " << parts;
    }
  }
}

TEST(OptimalCuts, Ties) {
  EXPECT_EQ(optimal_cuts(std::vector<double>{0, 1, 2}, std::vector<std::int64_t>{1, 1, 1}, 2), (Cuts{0, 1}));
  std::mt19937 random(12);
  for (int round = 0; round < 200; ++round) {
    const Weighted data = random_data(2 + random() % 9, random, true);
    const auto parts = static_cast<int>(1 + random() % data.values.size());
    const Cuts cuts = optimal_cuts(data.values, data.counts, parts);
    EXPECT_NEAR(inertia_of(data, cuts), inertia_of(data, best_cuts(data, parts, 0)), 1e-9);
  }
  const Weighted even{{0, 1, 2, 3, 4, 5, 6}, {1, 1, 1, 1, 1, 1, 1}};
  for (int parts = 1; parts <= 7; ++parts) {
    EXPECT_EQ(optimal_cuts(even.values, even.counts, parts), best_cuts(even, parts, 1e-9)) << parts;
  }
}

TEST(OptimalCuts, ManyLayers) {
  // The groups are far apart, so the cuts are known.
  Weighted data;
  Cuts expected;
  for (int group = 0; group < 100; ++group) {
    expected.push_back(static_cast<std::uint32_t>(data.values.size()));
    for (int i = 0; i <= group % 7; ++i) {
      data.values.push_back(group * 1000 + i);
      data.counts.push_back(3);
    }
  }
  EXPECT_EQ(optimal_cuts(data.values, data.counts, 100), expected);
}

template <class Sample>
constexpr SampleType type_of() {
  return sizeof(Sample) == 1 ? SampleType::u8 : sizeof(Sample) == 2 ? SampleType::u16 : SampleType::f32;
}

/// Returns the levels of an image. The samples between its rows must not count.
template <class Sample>
std::vector<int> levels_of(std::vector<Sample> depth, std::int64_t width, int clusters) {
  const std::int64_t rows = std::ssize(depth) / width;
  for (std::int64_t y = rows; y > 0; --y) depth.insert(depth.begin() + y * width, Sample{99});
  std::vector<std::uint8_t> levels(static_cast<std::size_t>(width * rows), 7);
  depth_levels({reinterpret_cast<const std::byte*>(depth.data()),
                (width + 1) * static_cast<std::int64_t>(sizeof(Sample)), width, rows, type_of<Sample>(), 1},
               clusters, {reinterpret_cast<std::byte*>(levels.data()), width, width, rows, SampleType::u8});
  return {levels.begin(), levels.end()};
}

template <class Sample>
class DepthLevels : public testing::Test {};
using Samples = testing::Types<std::uint8_t, std::uint16_t, float>;
TYPED_TEST_SUITE(DepthLevels, Samples);

TYPED_TEST(DepthLevels, Rise) {
  const std::vector<TypeParam> depth{200, 3, 90, 1, 91, 201, 150, 2};
  EXPECT_EQ(levels_of(depth, 4, 4), (std::vector<int>{255, 0, 85, 0, 85, 255, 170, 0}));
  EXPECT_EQ(levels_of(depth, 2, 3), (std::vector<int>{255, 0, 128, 0, 128, 255, 255, 0}));
  EXPECT_EQ(levels_of(depth, 8, 1), std::vector<int>(8, 0));
}

TYPED_TEST(DepthLevels, FewDepths) {
  EXPECT_EQ(levels_of(std::vector<TypeParam>{5, 9, 9, 5, 5, 9}, 3, 4), (std::vector<int>{0, 255, 255, 0, 0, 255}));
  EXPECT_EQ(levels_of(std::vector<TypeParam>{5, 5}, 1, 4), (std::vector<int>{0, 0}));
  EXPECT_EQ(levels_of(std::vector<TypeParam>{0, 7, 30}, 3, 200), (std::vector<int>{0, 128, 255}));
}

TYPED_TEST(DepthLevels, BestCuts) {
  std::mt19937 random(13);
  for (int round = 0; round < 50; ++round) {
    std::vector<TypeParam> depth;
    for (int i = 0; i < 40; ++i) depth.push_back(static_cast<TypeParam>(random() % 15 * (random() % 16)));
    const std::vector<int> levels = levels_of(depth, 5, 3);
    std::map<TypeParam, std::vector<int>> levels_of_depth;
    for (std::size_t i = 0; i < depth.size(); ++i) levels_of_depth[depth[i]].push_back(levels[i]);
    Weighted data;
    Cuts begins;
    int level = -1;
    for (const auto& [value, its_levels] : levels_of_depth) {
      EXPECT_EQ(its_levels, std::vector<int>(its_levels.size(), its_levels[0]));
      if (its_levels[0] != level) begins.push_back(static_cast<std::uint32_t>(data.values.size()));
      level = its_levels[0];
      data.values.push_back(value);
      data.counts.push_back(std::ssize(its_levels));
    }
    ASSERT_EQ(begins.size(), 3U);
    EXPECT_NEAR(inertia_of(data, begins), inertia_of(data, best_cuts(data, 3, 0)), 1e-6) << round;
  }
}

TEST(DepthLevelsOfFloats, ZerosAndNegatives) {
  EXPECT_EQ(levels_of(std::vector<float>{0.0F, -0.0F, 1.0F, -3.0F}, 2, 3), (std::vector<int>{128, 128, 255, 0}));
  EXPECT_EQ(levels_of(std::vector<float>{3e38F, -3e38F, -1e38F}, 3, 2), (std::vector<int>{255, 0, 0}));
}

TEST(DepthLevelsOfFloats, NotFinite) {
  for (const float strange : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                              -std::numeric_limits<float>::infinity()}) {
    try {
      levels_of(std::vector<float>{1, 2, 3, 4, 5, strange}, 2, 2);
      FAIL();
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("at row 2, column 1"), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace haloedge

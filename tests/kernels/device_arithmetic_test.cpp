// Compares the arithmetic that the CUDA kernels do in their own way with pixel.hpp, for all inputs, and tests the
// layout of work.
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/cuda/canny.hpp"
#include "kernels/cuda/gray.hpp"
#include "kernels/cuda/layout.hpp"
#include "kernels/cuda/variant.hpp"
#include "kernels/dispatch.hpp"

namespace haloedge::kernels::cuda {
namespace {

std::uint8_t gray_of_bytes(Gray weights, std::uint32_t colour) {
  std::uint8_t gray = 0;
  with_gray(weights, [&](auto choice) {
    gray = to_gray<choice.value>(static_cast<std::uint8_t>(colour), static_cast<std::uint8_t>(colour >> 8),
                                 static_cast<std::uint8_t>(colour >> 16));
  });
  return gray;
}

TEST(GrayRule, EveryColour) {
  for (const Gray weights : {Gray::bt601, Gray::bt709, Gray::mean, Gray::red, Gray::green, Gray::blue}) {
    const GrayRule rule = gray_rule(weights);
    for (std::uint32_t colour = 0; colour < 1U << 24; ++colour) {
      const std::uint32_t words[1] = {colour};
      const auto right = gray_of_bytes(weights, colour);
      ASSERT_EQ(weighted_bytes(words, 0, rule) >> 16, right) << "weights " << int(weights) << " colour " << colour;
    }
  }
}

TEST(GrayRule, EveryOffset) {
  const GrayRule rule = gray_rule(Gray::bt601);
  for (std::uint32_t seed = 1; seed < 1U << 20; seed += 77) {
    const std::uint32_t words[3] = {seed * 2654435761U, seed * 40503U + 9, seed * 97U * 65539U};
    for (std::size_t first = 0; first < 9; ++first) {
      const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(words[i / 4] >> (i % 4 * 8)); };
      ASSERT_EQ(weighted_bytes(words, first, rule) >> 16,
                to_gray<Gray::bt601>(byte(first), byte(first + 1), byte(first + 2)));
    }
  }
}

EdgeFilter sobel_bytes(double scale) {
  EdgeFilter filter;
  filter.factor = finish_factor(filter, scale);
  return filter;
}

/// The byte of a sum of squares if the root has a relative `error` and a multiply-add rounds once.
std::uint8_t approximate_byte(std::int64_t sum, float factor, double error) {
  const double root = std::sqrt(static_cast<double>(sum)) * (1 + error);
  const float sum_23 = fmaf(static_cast<float>(root), factor, 8388608.0F);
  return static_cast<std::uint8_t>(__builtin_bit_cast(std::uint32_t, std::min(sum_23, 8388863.0F)));
}

TEST(ApproximateRoot, SameBytes) {
  int allowed = 0;
  for (const double scale : {1.0, 0.5, 0.25, 0.37, 2.0, 1.7, 0.001, 300.0, 1.0 / 3}) {
    const EdgeFilter filter = sobel_bytes(scale);
    if (!root_may_be_approximate(filter.narrow_factor())) continue;
    ++allowed;
    for (std::int64_t sum = 0; sum <= largest_sum_of_squares; ++sum) {
      const auto right = finish_integer<std::uint8_t>(sqrtf(static_cast<float>(sum)), filter.narrow_factor());
      for (const double error : {-0x1p-22, 0.0, 0x1p-22}) {
        ASSERT_EQ(approximate_byte(sum, filter.narrow_factor(), error), right) << "sum " << sum << " scale " << scale;
      }
    }
  }
  EXPECT_GE(allowed, 3);
}

TEST(ApproximateRoot, Ties) {
  EXPECT_TRUE(root_may_be_approximate(1));
  // Half of an odd root is exactly between two bytes, so that an approximate root could give either.
  EXPECT_FALSE(root_may_be_approximate(0.5F));
  EXPECT_FALSE(root_may_be_approximate(-1));
  EXPECT_FALSE(root_may_be_approximate(0));
}

TEST(ChooseVariant, SobelOnly) {
  using Kind = Variant::Kind;
  const auto kind = [](const EdgeFilter& filter) { return choose_variant(filter, 3).kind; };
  for (const SampleType type : {SampleType::u8, SampleType::u16, SampleType::f32}) {
    EdgeFilter filter{.gray_type = type, .out_type = type};
    EXPECT_EQ(kind(filter), Kind::sobel_l2);
    filter.norm = Norm::l1;
    EXPECT_EQ(kind(filter), Kind::sobel_l1);
    for (const float factor : {-1.0F, 0.0F, std::numeric_limits<float>::infinity()}) {
      filter.factor = factor;
      EXPECT_EQ(kind(filter), Kind::any) << factor;
    }
  }
  EXPECT_EQ(kind({.factor = 0.5F}), Kind::any) << "an approximate root gives other bytes";
  EXPECT_EQ(kind({.out_type = SampleType::u16}), Kind::any);
  EXPECT_EQ(kind({.op = Operator::scharr}), Kind::any);
  EXPECT_EQ(kind({.component = Component::x}), Kind::any);
  EXPECT_EQ(kind({.gray_type = SampleType::f32, .out_type = SampleType::f32, .clip = Clip{}}), Kind::any);
}

class Layout : public testing::Test {
 protected:
  [[nodiscard]] DeviceJob job(std::int64_t width, std::int64_t out_rows) {
    rows_.emplace_back(static_cast<std::size_t>(out_rows + 2), source_.data() + 64);
    return {rows_.back(), width, 0, out_columns(width), out_rows};
  }
  [[nodiscard]] LaunchTables lay(const std::vector<DeviceJob>& jobs, std::int64_t threads = 1) {
    lay_out(spec_, jobs, source_, nullptr, nullptr, threads, tables_);
    return tables_;
  }

  LaunchTables tables_;  ///< reused from launch to launch

  std::vector<std::byte> source_ = std::vector<std::byte>(8192);
  std::vector<std::vector<const std::byte*>> rows_;
  DeviceFilterSpec spec_{
      .channels = 3, .source_bytes = 8192, .result_bytes = 1 << 30, .max_jobs = 10, .max_rows = 100000};
};

TEST_F(Layout, EveryPixelOnce) {
  rows_.reserve(3);
  const auto tables = lay({job(17, 128), job(1, 64), job(32, 64)});
  ASSERT_EQ(tables.march_rows, 64);
  EXPECT_EQ(tables.jobs[0].first_item, 0);
  EXPECT_EQ(tables.jobs[1].first_item, 2 * 2);  // two columns of 16, two marches of 64
  EXPECT_EQ(tables.jobs[2].first_item, 2 * 2 + 1);
  EXPECT_EQ(tables.items, 2 * 2 + 1 + 2);
  EXPECT_EQ(tables.jobs[2].first_row, 130 + 66);
  const Launch launch{.jobs = tables.jobs.data(), .job_count = 3, .items = tables.items};
  EXPECT_EQ(&job_of(launch, 3), &tables.jobs[0]);
  EXPECT_EQ(&job_of(launch, 4), &tables.jobs[1]);
  EXPECT_EQ(&job_of(launch, 6), &tables.jobs[2]);
}

TEST_F(Layout, MarchLength) {
  rows_.reserve(1);
  const std::vector<DeviceJob> jobs{job(1600, 640)};  // 100 columns
  EXPECT_EQ(lay(jobs, 500).march_rows, 64);
  EXPECT_EQ(lay(jobs, 1000).march_rows, 64);
  EXPECT_EQ(lay(jobs, 900).march_rows, 37) << "of 1000 marches of 64 rows, 100 would run in a wave of their own";
  EXPECT_EQ(lay(jobs, 100000).march_rows, 16);
  for (std::int64_t threads = 1; threads < 5000; threads += 13) {
    EXPECT_EQ((lay(jobs, threads).march_rows + 2) % march_turn, 0) << threads;
  }
}

TEST_F(Layout, CannyPatches) {
  rows_.reserve(3);
  spec_.canny = CannyFilter{};
  const auto tables = lay({job(65, 67 - 2), job(1, 1 + 2), job(128, 32 + 2)});  // two more row pointers for each job
  EXPECT_EQ(tables.jobs[1].first_item, 2 * 2);
  EXPECT_EQ(tables.jobs[1].first_row, 67);
  EXPECT_EQ(tables.jobs[1].rows, 1);
  EXPECT_EQ(tables.jobs[2].first_item, 2 * 2 + 1);
  EXPECT_EQ(tables.items, 2 * 2 + 1 + 2);
  const Launch launch{.jobs = tables.jobs.data(), .job_count = 3, .items = tables.items};
  const PatchPlace last_of_first = patch_place(launch, 3);
  EXPECT_EQ(last_of_first.job, &tables.jobs[0]);
  EXPECT_EQ(last_of_first.row, 32);
  EXPECT_EQ(last_of_first.column, 64);
  EXPECT_EQ(patch_place(launch, 6).job, &tables.jobs[2]);
  EXPECT_EQ(patch_place(launch, 6).column, 64);
}

TEST_F(Layout, CannyReadsBeyond) {
  rows_.reserve(4);
  spec_.canny = CannyFilter{};
  DeviceJob bad = job(16, 6);
  const auto throws_at = [&](std::ptrdiff_t at) {
    rows_.emplace_back(6, source_.data() + at);
    bad.rows = rows_.back();
    EXPECT_THROW((void)lay({bad}), std::logic_error) << at;
  };
  throws_at(0);
  throws_at(8192 - 48);  // 20 pixels are read
  rows_.emplace_back(6, source_.data() + 8192 - 64);
  bad.rows = rows_.back();
  EXPECT_NO_THROW((void)lay({bad}));
  spec_.filter.gray_type = SampleType::u16;
  EXPECT_THROW((void)lay({bad}), std::logic_error);
}

TEST_F(Layout, RefusesBadJobs) {
  rows_.reserve(20);
  DeviceJob bad = job(20, 4);
  bad.tile_columns = 20;
  EXPECT_THROW((void)lay({bad}), std::logic_error);
  bad = job(20, 4);
  bad.tile_rows = 3;
  EXPECT_THROW((void)lay({bad}), std::logic_error);
  bad = job(20, 4);
  bad.out_offset = spec_.result_bytes;
  EXPECT_THROW((void)lay({bad}), std::logic_error);
  const std::vector<std::byte> elsewhere(64);
  rows_.emplace_back(6, elsewhere.data());
  bad.out_offset = 0;
  bad.rows = rows_.back();
  EXPECT_THROW((void)lay({bad}), std::logic_error);
  for (const std::ptrdiff_t at : {0, 8, 72, 8192 - 96 + 16}) {  // no border; not aligned; too few pixels
    rows_.emplace_back(6, source_.data() + at);
    bad.rows = rows_.back();
    EXPECT_THROW((void)lay({bad}), std::logic_error) << at;
  }
  rows_.emplace_back(6, source_.data() + 8192 - 96);
  bad.rows = rows_.back();
  EXPECT_NO_THROW((void)lay({bad}));
  EXPECT_THROW((void)lay({}), std::logic_error);
  EXPECT_THROW((void)lay(std::vector<DeviceJob>(11, job(20, 4))), std::logic_error);
}

}  // namespace
}  // namespace haloedge::kernels::cuda

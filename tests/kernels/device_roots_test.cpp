// Tests the device's square roots, which the host cannot emulate, for all arguments that kernels pass.
#include "kernels/device_roots.hpp"

#include <gtest/gtest.h>

#include "kernels/cuda/variant.hpp"
#include "kernels/device_filter.hpp"
#include "kernels/pixel.hpp"

namespace haloedge::kernels::cuda {
namespace {

class DeviceOnlyRoots : public testing::Test {
 protected:
  void SetUp() override {
    const Devices devices = find_devices();
    if (devices.found.empty()) GTEST_SKIP() << devices.why_none;
  }
};

TEST_F(DeviceOnlyRoots, Approximate) {
  int allowed = 0;
  for (const double scale : {1.0, 0.25, 0.37, 2.0, 1.7, 0.001, 300.0, 1.0 / 3}) {
    EdgeFilter filter;
    filter.factor = finish_factor(filter, scale);
    if (!root_may_be_approximate(filter.narrow_factor())) continue;
    ++allowed;
    const std::vector<std::uint8_t> bytes = device_root_bytes(largest_sum_of_squares, filter.narrow_factor());
    for (std::int64_t sum = 0; sum <= largest_sum_of_squares; ++sum) {
      const auto right = finish_integer<std::uint8_t>(sqrtf(static_cast<float>(sum)), filter.narrow_factor());
      ASSERT_EQ(bytes[static_cast<std::size_t>(sum)], right) << "sum " << sum << ", scale " << scale;
    }
  }
  EXPECT_GE(allowed, 3);
}

TEST_F(DeviceOnlyRoots, WholeNumbers) { EXPECT_EQ(device_roots_that_differ(), 0); }

}  // namespace
}  // namespace haloedge::kernels::cuda

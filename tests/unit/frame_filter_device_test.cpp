// Compares frames that are filtered on a device, emulated or real, with frames that are filtered on the host.
#include <gtest/gtest.h>

#include "frames.hpp"
#include "kernels/backend.hpp"
#include "stream/frame_filter.hpp"
#include "support/emulated_device.hpp"

namespace haloedge {
namespace {

using kernels::Norm;

enum class Where { uploads_at_once, all_at_the_end, device };

class DeviceFrames : public testing::TestWithParam<Where> {
 protected:
  void SetUp() override {
    if (GetParam() != Where::device) return;
    const kernels::Devices devices = kernels::find_devices();
    if (devices.found.empty()) GTEST_SKIP() << devices.why_none;
  }

  [[nodiscard]] static std::unique_ptr<kernels::DeviceFilter> make_device(const FrameFilterSpec& spec) {
    const kernels::DeviceFilterSpec device = device_frame_spec(spec);
    if (GetParam() == Where::device) return kernels::make_device_filter(0, device);
    return make_emulated_device(
        device, GetParam() == Where::uploads_at_once ? DeviceHaste::uploads_at_once : DeviceHaste::all_at_the_end);
  }

  /// Compares several frames that are filtered one after the other by the same filter.
  void expect_same(const FrameFilterSpec& spec) const {
    const auto on_host = make_host_frame_filter(*backend_, spec);
    const auto on_device = make_device_frame_filter(make_device(spec), spec);
    for (const unsigned seed : {1U, 2U, 1U}) {
      const auto luma = random_luma(spec.format, seed);
      ASSERT_TRUE(filtered(*on_device, luma) == filtered(*on_host, luma))
          << spec.format.width << " x " << spec.format.height << ", " << spec.format.bits << " bits, operator "
          << static_cast<int>(spec.edge.filter.op) << ", border " << static_cast<int>(spec.edge.border);
    }
  }

  std::unique_ptr<kernels::Backend> backend_ = make_backend(kernels::HostBackend::cpu);
};

TEST_P(DeviceFrames, EveryFilter) {
  for (const int bits : {8, 10, 16}) {
    for (const auto& [width, height] : frame_sizes) {
      for (const kernels::EdgeFilter& filter : frame_filters(bits)) {
        for (const kernels::Border border : all_borders) {
          expect_same({mono(width, height, bits), {.border = border, .filter = filter}});
          if (HasFatalFailure()) return;
        }
      }
    }
  }
}

TEST_P(DeviceFrames, Canny) {
  for (const int bits : {8, 10, 16}) {
    for (const auto& [width, height] : {frame_sizes[0], frame_sizes[1], frame_sizes[3], {200, 150}}) {
      for (const Norm norm : {Norm::l1, Norm::l2}) {
        EdgeSettings edge = canny_edge(norm, 0);
        edge.border = kernels::Border::wrap;  // has no effect on Canny
        expect_same({mono(width, height, bits), edge});
        if (HasFatalFailure()) return;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Stream, DeviceFrames,
                         testing::Values(Where::uploads_at_once, Where::all_at_the_end, Where::device),
                         [](const auto& where) {
                           return where.param == Where::device            ? "device"
                                  : where.param == Where::uploads_at_once ? "uploads_at_once"
                                                                          : "all_at_the_end";
                         });

TEST(DeviceFrameSpec, Refused) {
  EXPECT_THROW((void)device_frame_spec({mono(3, 2, 8), canny_edge(Norm::l1, 1)}), std::logic_error);
  EXPECT_THROW((void)device_frame_spec({mono(3, 2, 8), canny_edge(Norm::l1, 0),
                                        [](std::span<const std::int64_t>) { return kernels::CannyFilter{}; }}),
               std::logic_error);
}

}  // namespace
}  // namespace haloedge

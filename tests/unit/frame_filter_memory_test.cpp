// Tests what frame filters allocate: nothing for a frame that is like an earlier one, and no more than they claim.
#include <algorithm>

#include <gtest/gtest.h>

#include "allocations.hpp"
#include "core/buffer.hpp"
#include "frames.hpp"
#include "kernels/backend.hpp"
#include "stream/frame_filter.hpp"
#include "support/emulated_device.hpp"

namespace haloedge {
namespace {

using kernels::Norm;

std::vector<FrameFilterSpec> all_kinds(std::int64_t width, std::int64_t height) {
  std::vector<FrameFilterSpec> specs;
  for (const int bits : {8, 10}) {
    const FrameFormat format = mono(width, height, bits);
    for (const kernels::EdgeFilter& filter : frame_filters(bits)) specs.push_back({format, {.filter = filter}});
    for (const Norm norm : {Norm::l1, Norm::l2}) {
      specs.push_back({format, canny_edge(norm, 0)});
      specs.push_back({format, canny_edge(norm, 1.4)});
      specs.push_back({format, canny_edge(norm, kernels::max_sigma)});
      specs.push_back({format, canny_edge(norm, 0), [norm](std::span<const std::int64_t> counts) {
                         const double high = kernels::magnitude_quantile(counts, 0.3);
                         return canny_filter(norm, 0.4 * high, high);
                       }});
    }
  }
  return specs;
}

TEST(Allocations, Counted) {
  const std::int64_t before = held_bytes();
  forget_most_held_bytes();
  const auto held = [before] { return held_bytes() - before; };
  {
    const std::vector<std::byte> small(1000);
    EXPECT_EQ(held(), 1000);
    const Buffer small_buffer(1000);
    EXPECT_EQ(held(), 2000);
    const Buffer large_buffer(5'000'000);
    EXPECT_EQ(held(), 5'002'000);
  }
  EXPECT_EQ(held(), 0);
  EXPECT_EQ(max_held_bytes() - before, 5'002'000);
  forget_most_held_bytes();
  EXPECT_EQ(max_held_bytes(), before);
}

TEST(FrameFilterMemory, LaterFrames) {
  const auto backend = make_backend(kernels::HostBackend::cpu);
  for (const FrameFilterSpec& spec : all_kinds(300, 200)) {
    const auto filter = make_host_frame_filter(*backend, spec);
    const auto luma = random_luma(spec.format, 1);
    std::vector<std::byte> edges(luma.size());
    filter->filter(luma.data(), edges.data());
    const std::int64_t before = allocations();
    for (int i = 0; i < 3; ++i) filter->filter(luma.data(), edges.data());
    EXPECT_EQ(allocations(), before) << spec.format.bits << " bits, Canny: " << spec.edge.canny.has_value();
  }
}

TEST(FrameFilterMemory, RicherFrames) {
  const auto backend = make_backend(kernels::HostBackend::cpu);
  const FrameFilterSpec spec{mono(300, 200, 8), canny_edge(Norm::l1, 0)};
  const auto filter = make_host_frame_filter(*backend, spec);
  std::vector<std::byte> luma(300 * 200);
  const auto noise = random_luma(spec.format, 1);
  std::vector<std::byte> edges(luma.size());
  const std::int64_t before = allocations();
  // Noise replaces the frame, one row after the other.
  for (std::size_t row = 0; row < 200; ++row) {
    std::copy_n(noise.begin() + static_cast<std::ptrdiff_t>(row * 300), 300,
                luma.begin() + static_cast<std::ptrdiff_t>(row * 300));
    filter->filter(luma.data(), edges.data());
  }
  EXPECT_LE(allocations() - before, 80);
}

TEST(FrameFilterMemory, WithinEstimate) {
  const auto backend = make_backend(kernels::HostBackend::cpu);
  for (const auto& [width, height] : {std::pair<std::int64_t, std::int64_t>{1, 1}, {300, 200}, {31, 2000}}) {
    for (const FrameFilterSpec& spec : all_kinds(width, height)) {
      const auto luma = random_luma(spec.format, 1);
      std::vector<std::byte> edges(luma.size());
      const std::int64_t before = held_bytes();
      forget_most_held_bytes();
      const auto filter = make_host_frame_filter(*backend, spec);
      filter->filter(luma.data(), edges.data());
      const std::int64_t most = max_held_bytes() - before;
      EXPECT_LE(most, host_frame_filter_bytes(spec)) << width << " x " << height;
      EXPECT_GT(3 * most + 4096, host_frame_filter_bytes(spec)) << "not far more";
    }
  }
}

TEST(FrameFilterMemory, OnDevice) {
  for (const auto& [width, height] : {std::pair<std::int64_t, std::int64_t>{1, 1}, {300, 200}, {31, 2000}}) {
    for (const FrameFilterSpec& spec : all_kinds(width, height)) {
      if (spec.canny_of_magnitudes || (spec.edge.canny && spec.edge.canny->blur.radius() > 0)) continue;
      const kernels::DeviceFilterSpec device = device_frame_spec(spec);
      const std::int64_t pinned = device.source_bytes + device.slots * device.result_bytes;
      auto emulated = make_emulated_device(device, DeviceHaste::all_at_the_end);
      const auto luma = random_luma(spec.format, 1);
      std::vector<std::byte> edges(luma.size());
      const std::int64_t before = held_bytes();
      const auto filter = make_device_frame_filter(std::move(emulated), spec);
      filter->filter(luma.data(), edges.data());
      EXPECT_LE(pinned + held_bytes() - before, device_frame_filter_bytes(spec)) << width << " x " << height;
      EXPECT_GT(2 * (pinned + held_bytes() - before) + 4096, device_frame_filter_bytes(spec)) << "not far more";
    }
  }
}

}  // namespace
}  // namespace haloedge

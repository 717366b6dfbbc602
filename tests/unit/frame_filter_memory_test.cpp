// What frame filters allocate: none of it for a frame like one before, and all of it within what they say.
#include <algorithm>
#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include "frames.hpp"
#include "kernels/backend.hpp"
#include "stream/frame_filter.hpp"

namespace {

// Of this program, which has one thread.
std::int64_t calls = 0;
std::int64_t held = 0;
std::int64_t most_held = 0;

/// In front of what is given out: its size.
constexpr std::size_t head_bytes = __STDCPP_DEFAULT_NEW_ALIGNMENT__;

}  // namespace

void* operator new(std::size_t bytes) {
  auto* memory = static_cast<char*>(std::malloc(head_bytes + bytes));
  if (memory == nullptr) throw std::bad_alloc();
  ::new (memory) std::size_t(bytes);
  ++calls;
  held += static_cast<std::int64_t>(bytes);
  most_held = std::max(most_held, held);
  return memory + head_bytes;
}

void operator delete(void* memory) noexcept {
  if (memory == nullptr) return;
  auto* head = static_cast<char*>(memory) - head_bytes;
  held -= static_cast<std::int64_t>(*reinterpret_cast<std::size_t*>(head));
  std::free(head);
}

void operator delete(void* memory, std::size_t) noexcept { ::operator delete(memory); }

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
      specs.push_back({format, canny_edge(norm, kernels::most_sigma)});
      specs.push_back({format, canny_edge(norm, 0), [norm](std::span<const std::int64_t> counts) {
                         const double high = kernels::magnitude_quantile(counts, 0.3);
                         return canny_filter(norm, 0.4 * high, high);
                       }});
    }
  }
  return specs;
}

TEST(FrameFilterMemory, ALaterFrameAllocatesNothing) {
  const auto backend = make_backend(kernels::HostBackend::openmp);
  for (const FrameFilterSpec& spec : all_kinds(300, 200)) {
    const auto filter = make_host_frame_filter(*backend, spec);
    const auto luma = random_luma(spec.format, 1);
    std::vector<std::byte> edges(luma.size());
    filter->filter(luma.data(), edges.data());
    const std::int64_t before = calls;
    for (int i = 0; i < 3; ++i) filter->filter(luma.data(), edges.data());
    EXPECT_EQ(calls, before) << spec.format.bits << " bits, Canny: " << spec.edge.canny.has_value();
  }
}

TEST(FrameFilterMemory, RicherFramesAllocateSeldom) {
  const auto backend = make_backend(kernels::HostBackend::openmp);
  const FrameFilterSpec spec{mono(300, 200, 8), canny_edge(Norm::l1, 0)};
  const auto filter = make_host_frame_filter(*backend, spec);
  std::vector<std::byte> luma(300 * 200);
  const auto noise = random_luma(spec.format, 1);
  std::vector<std::byte> edges(luma.size());
  const std::int64_t before = calls;
  // Row after row, noise takes the frame.
  for (std::size_t row = 0; row < 200; ++row) {
    std::copy_n(noise.begin() + static_cast<std::ptrdiff_t>(row * 300), 300,
                luma.begin() + static_cast<std::ptrdiff_t>(row * 300));
    filter->filter(luma.data(), edges.data());
  }
  EXPECT_LE(calls - before, 80);
}

TEST(FrameFilterMemory, IsWithinWhatIsSaid) {
  const auto backend = make_backend(kernels::HostBackend::openmp);
  for (const auto& [width, height] : {std::pair<std::int64_t, std::int64_t>{1, 1}, {300, 200}, {31, 2000}}) {
    for (const FrameFilterSpec& spec : all_kinds(width, height)) {
      const auto luma = random_luma(spec.format, 1);
      std::vector<std::byte> edges(luma.size());
      const std::int64_t before = held;
      most_held = held;
      const auto filter = make_host_frame_filter(*backend, spec);
      filter->filter(luma.data(), edges.data());
      EXPECT_LE(most_held - before, host_frame_filter_bytes(spec)) << width << " x " << height;
      EXPECT_GT(4 * (most_held - before) + 4096, host_frame_filter_bytes(spec)) << "not far more";
    }
  }
}

}  // namespace
}  // namespace haloedge

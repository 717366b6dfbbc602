// Compares frames that are filtered on the host with single images that the reference kernels filter.
#include "stream/frame_filter.hpp"

#include <gtest/gtest.h>

#include "frames.hpp"
#include "kernels/backend.hpp"

namespace haloedge {
namespace {

using kernels::HostBackend;
using kernels::Norm;

class HostFrames : public testing::TestWithParam<int> {
 protected:
  [[nodiscard]] static int bits() { return GetParam(); }

  /// Checks several frames that are filtered one after the other by the same filter.
  void expect_right(const FrameFilterSpec& spec, const std::string& what) const {
    for (const auto& backend : backends_) {
      const auto filter = make_host_frame_filter(*backend, spec);
      for (const unsigned seed : {1U, 2U, 1U}) {
        const auto luma = random_luma(spec.format, seed);
        ASSERT_TRUE(filtered(*filter, luma) == reference_edges(spec, luma))
            << backend->name << ", " << spec.format.width << " x " << spec.format.height << ", " << what;
      }
    }
  }

  std::unique_ptr<kernels::Backend> backends_[2] = {make_backend(HostBackend::cpu),
                                                    make_backend(HostBackend::reference)};
};

TEST_P(HostFrames, EveryFilter) {
  for (const auto& [width, height] : frame_sizes) {
    for (const kernels::EdgeFilter& filter : frame_filters(bits())) {
      for (const kernels::Border border : all_borders) {
        expect_right({mono(width, height, bits()), {.border = border, .filter = filter}},
                     "operator " + std::to_string(static_cast<int>(filter.op)) + ", component " +
                         std::to_string(static_cast<int>(filter.component)) + ", border " +
                         std::to_string(static_cast<int>(border)));
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST_P(HostFrames, Canny) {
  for (const auto& [width, height] : frame_sizes) {
    for (const double sigma : {0.0, 0.8, 2.0}) {
      for (const Norm norm : {Norm::l1, Norm::l2}) {
        FrameFilterSpec spec{mono(width, height, bits()), canny_edge(norm, sigma)};
        expect_right(spec, "sigma " + std::to_string(sigma));
        if (HasFatalFailure()) return;
        spec.canny_of_magnitudes = [norm](std::span<const std::int64_t> counts) {
          const double high = kernels::magnitude_quantile(counts, 0.3);
          return canny_filter(norm, 0.4 * high, high);
        };
        expect_right(spec, "of magnitudes, sigma " + std::to_string(sigma));
        if (HasFatalFailure()) return;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Stream, HostFrames, testing::Values(8, 10, 16),
                         [](const auto& bits) { return "of" + std::to_string(bits.param) + "bits"; });

TEST(FrameFilter, ThresholdsPerFrame) {
  // The second frame is flat. Counts that were left from the first frame would change its threshold.
  const FrameFormat format = mono(17, 13, 8);
  FrameFilterSpec spec{format, canny_edge(Norm::l1, 0)};
  std::vector<std::int64_t> sums;
  spec.canny_of_magnitudes = [&](std::span<const std::int64_t> counts) {
    sums.push_back(0);
    for (const std::int64_t count : counts) sums.back() += count;
    EXPECT_EQ(counts[0] == 17 * 13, sums.size() == 2);
    return spec.edge.canny->filter;
  };
  const auto backend = make_backend(HostBackend::cpu);
  const auto filter = make_host_frame_filter(*backend, spec);
  (void)filtered(*filter, random_luma(format, 1));
  (void)filtered(*filter, std::vector<std::byte>(17 * 13, std::byte{77}));
  EXPECT_EQ(sums, (std::vector<std::int64_t>{17 * 13, 17 * 13}));
}

TEST(FrameFilter, FullScale) {
  const FrameFormat format = mono(17, 13, 10);
  const auto backend = make_backend(HostBackend::cpu);
  const auto filter = make_host_frame_filter(*backend, {format, {.filter = frame_filters(10).front()}});
  // The step from black to white gives a sum of four times full scale, a quarter of which is full scale. At a corner
  // the magnitude is larger.
  std::vector<std::byte> luma(static_cast<std::size_t>(format.luma_bytes()));
  for (std::size_t y = 6; y < 13; ++y) {
    for (std::size_t x = 8; x < 17; ++x) {
      luma[2 * (17 * y + x)] = std::byte{0xFF};
      luma[2 * (17 * y + x) + 1] = std::byte{0x03};
    }
  }
  const auto edges = filtered(*filter, luma);
  const auto high_byte = [&](std::size_t x, std::size_t y) { return edges[2 * (17 * y + x) + 1]; };
  EXPECT_EQ(high_byte(8, 10), std::byte{0x03});
  EXPECT_EQ(high_byte(8, 6), std::byte{0x03});
  EXPECT_EQ(high_byte(3, 3), std::byte{0x00});
}

TEST(FrameFilter, BeyondFullScale) {
  FrameFilterSpec spec{mono(17, 13, 10), canny_edge(Norm::l1, 0)};
  std::vector<std::byte> white(static_cast<std::size_t>(spec.format.luma_bytes()));
  std::vector<std::byte> beyond(white.size());
  for (std::size_t i = 0; i < white.size(); i += 6) {
    white[i] = std::byte{0xFF};
    white[i + 1] = std::byte{0x03};
    beyond[i + 1] = std::byte{0x04};
  }
  const auto backend = make_backend(HostBackend::cpu);
  const auto filter = make_host_frame_filter(*backend, spec);
  const auto edges = filtered(*filter, white);
  EXPECT_TRUE(filtered(*filter, beyond) == edges);
  EXPECT_FALSE(edges == std::vector<std::byte>(edges.size())) << "there are edges";
}

}  // namespace
}  // namespace haloedge

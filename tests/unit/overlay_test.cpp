#include <algorithm>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "frame_samples.hpp"
#include "stream/painter.hpp"

namespace haloedge {
namespace {

TEST(Overlay, Bytes) {
  // There is a column for each sample and a row for each strength.
  const FrameFormat format{.width = 256, .height = 256, .has_chroma = false};
  std::vector<std::byte> frame;
  std::vector<std::byte> edges;
  for (int i = 0; i < 256 * 256; ++i) {
    frame.push_back(static_cast<std::byte>(i % 256));
    edges.push_back(static_cast<std::byte>(i / 256));
  }
  std::vector<std::byte> out(frame.size());
  std::int64_t wrong = 0;
  for (std::uint32_t gray = 0; gray < 256; ++gray) {
    const auto value = static_cast<std::uint8_t>(gray);
    Painter(format, Show::overlay, {value, value, value}, true).paint(frame.data(), edges.data(), out.data());
    for (std::uint32_t i = 0; i < 256 * 256; ++i) {
      wrong += std::to_integer<std::uint32_t>(out[i]) != mixed(i % 256, gray, i / 256, 255) ? 1 : 0;
    }
  }
  EXPECT_EQ(wrong, 0);
}

TEST(Overlay, DeepSamples) {
  for (const int bits : {9, 10, 12, 14, 16}) {
    const FrameFormat format{.width = 1 << 16, .height = 4, .bits = bits, .has_chroma = false};
    const auto frame = random_samples(format, format.frame_bytes(), 4);
    const auto edges = random_samples(format, format.luma_bytes(), 5);
    std::vector<std::byte> out(frame.size());
    for (const int gray : {0, 1, 127, 255}) {
      const auto value = static_cast<std::uint8_t>(gray);
      const Color color{value, value, value};
      Painter(format, Show::overlay, color, true).paint(frame.data(), edges.data(), out.data());
      const std::uint32_t luma = to_ycbcr(color, bits, true).y;
      std::int64_t wrong = 0;
      for (std::int64_t i = 0; i < format.width * format.height; ++i) {
        const auto at = [&](const std::vector<std::byte>& samples) {
          return sample_of(format, samples.data(), 0, i, 0);
        };
        wrong += at(out) != mixed(at(frame), luma, at(edges), format.full_scale()) ? 1 : 0;
      }
      EXPECT_EQ(wrong, 0) << bits << " bits, gray " << gray;
    }
  }
}

TEST(Overlay, OddAddresses) {
  const FrameFormat format{.width = 37, .height = 5, .bits = 12};
  const auto frame = random_samples(format, format.frame_bytes(), 6);
  const auto edges = random_samples(format, format.luma_bytes(), 7);
  const Painter painter(format, Show::overlay, {}, false);
  std::vector<std::byte> out(frame.size());
  painter.paint(frame.data(), edges.data(), out.data());

  std::vector<std::byte> shifted_frame(frame.size() + 1);
  std::vector<std::byte> shifted_edges(edges.size() + 1);
  std::vector<std::byte> shifted_out(out.size() + 1);
  std::ranges::copy(frame, shifted_frame.begin() + 1);
  std::ranges::copy(edges, shifted_edges.begin() + 1);
  painter.paint(shifted_frame.data() + 1, shifted_edges.data() + 1, shifted_out.data() + 1);
  EXPECT_TRUE(std::equal(out.begin(), out.end(), shifted_out.begin() + 1));
}

}  // namespace
}  // namespace haloedge

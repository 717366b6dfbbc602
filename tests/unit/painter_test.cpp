#include "stream/painter.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "allocations.hpp"
#include "frame_samples.hpp"

namespace haloedge {
namespace {

struct Chroma {
  bool there;
  int shift_x, shift_y;
};

/// Returns mono, 4:4:4, 4:2:2, 4:2:0 and 4:1:1 formats of 8 to 16 bits, of even and odd sizes. One size has rows that
/// are longer than the painter's parts of chroma.
std::vector<FrameFormat> formats() {
  constexpr std::int64_t sizes[][2]{{1, 1}, {2, 2}, {5, 3}, {17, 13}, {64, 48}, {4101, 3}};
  std::vector<FrameFormat> all;
  for (const Chroma chroma : {Chroma{false, 0, 0}, {true, 0, 0}, {true, 1, 0}, {true, 1, 1}, {true, 2, 0}}) {
    for (const int bits : {8, 10, 16}) {
      for (const auto& [width, height] : sizes) {
        all.push_back({width, height, bits, chroma.there, chroma.shift_x, chroma.shift_y});
      }
    }
  }
  return all;
}

std::string text_of(const FrameFormat& format) {
  return std::to_string(format.width) + " x " + std::to_string(format.height) + ", " + std::to_string(format.bits) +
         " bits, chroma " + (format.has_chroma ? "" : "no ") + std::to_string(format.chroma_shift_x) + " " +
         std::to_string(format.chroma_shift_y);
}

/// The right samples of a painted frame, computed one by one.
struct Expected {
  FrameFormat format;
  YCbCr color;
  const std::byte* frame;
  const std::byte* edges;

  [[nodiscard]] std::uint32_t edge(std::int64_t x, std::int64_t y) const {
    return edges == nullptr ? 0 : sample_of(format, edges, 0, x, y);
  }

  [[nodiscard]] std::uint32_t strongest(std::int64_t column, std::int64_t row) const {
    std::uint32_t most = 0;
    for (std::int64_t y = 0; y < format.height; ++y) {
      if (y >> format.chroma_shift_y != row) continue;
      const std::int64_t left = column << format.chroma_shift_x;
      const std::int64_t right = std::min(left + (1 << format.chroma_shift_x), format.width);
      for (std::int64_t x = left; x < right; ++x) most = std::max(most, edge(x, y));
    }
    return most;
  }

  [[nodiscard]] std::uint32_t sample(Show show, int plane, std::int64_t x, std::int64_t y) const {
    const bool luma = plane == 0;
    const std::uint32_t neutral = std::uint32_t{1} << (format.bits - 1);
    if (show == Show::overlay) {
      const std::uint32_t paint = luma ? color.y : plane == 1 ? color.cb : color.cr;
      return mixed(sample_of(format, frame, plane, x, y), paint, luma ? edge(x, y) : strongest(x, y),
                   format.full_scale());
    }
    if (show == Show::edges) return luma ? edge(x, y) : neutral;
    const std::int64_t width = luma ? format.width : format.chroma_width();
    if (x < width) return sample_of(format, frame, plane, x, y);
    return luma ? edge(x - width, y) : neutral;
  }
};

void expect_painted(const FrameFormat& format, Show show, bool with_edges) {
  const Color color{.red = 20, .green = 250, .blue = 90};
  const Painter painter(format, show, color, false);
  const FrameFormat painted = painter.format();
  EXPECT_EQ(painted.width, show == Show::side ? 2 * format.width : format.width);
  const auto frame = random_samples(format, format.frame_bytes(), 1);
  const auto edges = random_samples(format, format.luma_bytes(), 2);
  GuardedBytes out(painted.frame_bytes());
  const std::byte* const known = with_edges ? edges.data() : nullptr;
  painter.paint(frame.data(), known, out.data());
  EXPECT_TRUE(out.guards_are_whole());

  const Expected expected{format, to_ycbcr(color, format.bits, false), frame.data(), known};
  std::int64_t wrong = 0;
  for (int plane = 0; plane < (format.has_chroma ? 3 : 1); ++plane) {
    const std::int64_t width = plane == 0 ? painted.width : painted.chroma_width();
    const std::int64_t height = plane == 0 ? painted.height : painted.chroma_height();
    for (std::int64_t y = 0; y < height; ++y) {
      for (std::int64_t x = 0; x < width; ++x) {
        wrong += sample_of(painted, out.data(), plane, x, y) != expected.sample(show, plane, x, y) ? 1 : 0;
      }
    }
  }
  EXPECT_EQ(wrong, 0);
}

TEST(Painter, Paint) {
  for (const FrameFormat& format : formats()) {
    for (const Show show : {Show::overlay, Show::edges, Show::side}) {
      for (const bool with_edges : {true, false}) {
        SCOPED_TRACE(text_of(format) + ", show " + std::to_string(static_cast<int>(show)) +
                     (with_edges ? "" : ", no edges"));
        expect_painted(format, show, with_edges);
      }
    }
  }
}

TEST(Painter, NoAllocation) {
  const FrameFormat format{.width = 64, .height = 48};
  const auto frame = random_samples(format, format.frame_bytes(), 8);
  const auto edges = random_samples(format, format.luma_bytes(), 9);
  std::vector<std::byte> out(2 * frame.size());
  const std::int64_t before = allocations();
  EXPECT_GT(before, 0);
  for (const Show show : {Show::overlay, Show::edges, Show::side}) {
    const Painter painter(format, show, {}, false);
    painter.paint(frame.data(), edges.data(), out.data());
    painter.paint(frame.data(), nullptr, out.data());
  }
  EXPECT_EQ(allocations(), before);
}

}  // namespace
}  // namespace haloedge

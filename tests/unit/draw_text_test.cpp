#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "allocations.hpp"
#include "frame_samples.hpp"
#include "stream/painter.hpp"

namespace haloedge {
namespace {

struct Levels {
  std::uint32_t black, white;
};

// A value of samples that no text contains.
constexpr std::byte before{0x37};

GuardedBytes untouched_frame(const FrameFormat& format) {
  GuardedBytes frame(format.frame_bytes());
  std::fill_n(frame.data(), format.frame_bytes(), before);
  return frame;
}

/// The letters 'F' and 'L' as the box must show them, in dots, with the box's margin.
constexpr std::array<std::string_view, 11> box_of_fl{
    "...............",  //
    "...............",  //
    "..#####.#......",  //
    "..#.....#......",  //
    "..#.....#......",  //
    "..####..#......",  //
    "..#.....#......",  //
    "..#.....#......",  //
    "..#.....#####..",  //
    "...............",  //
    "...............",
};

/// Checks that the frame contains `box_of_fl`, in dots of `dot` samples, and nothing else.
void expect_fl(const FrameFormat& format, std::byte* frame, std::int64_t dot, const Levels& levels) {
  const std::uint32_t old = format.bits > 8 ? 0x3737 : 0x37;
  const auto in_box = [&](std::int64_t x, std::int64_t y) {
    return x >= 4 * dot && x < (4 + 15) * dot && y >= 4 * dot && y < (4 + 11) * dot;
  };
  std::int64_t wrong = 0;
  std::vector<bool> boxed(static_cast<std::size_t>(format.chroma_width() * format.chroma_height()));
  for (std::int64_t y = 0; y < format.height; ++y) {
    for (std::int64_t x = 0; x < format.width; ++x) {
      std::uint32_t want = old;
      if (in_box(x, y)) {
        const auto row = static_cast<std::size_t>(y / dot - 4);
        want = box_of_fl[row][static_cast<std::size_t>(x / dot - 4)] == '#' ? levels.white : levels.black;
        if (format.has_chroma) {
          boxed[static_cast<std::size_t>((y >> format.chroma_shift_y) * format.chroma_width() +
                                         (x >> format.chroma_shift_x))] = true;
        }
      }
      wrong += sample_of(format, frame, 0, x, y) != want ? 1 : 0;
    }
  }
  EXPECT_EQ(wrong, 0) << "of luma";
  for (std::size_t i = 0; i < boxed.size(); ++i) {
    for (const int plane : {1, 2}) {
      const std::uint32_t want = boxed[i] ? std::uint32_t{1} << (format.bits - 1) : old;
      wrong += sample_of(format, frame, plane, static_cast<std::int64_t>(i), 0) != want ? 1 : 0;
    }
  }
  EXPECT_EQ(wrong, 0) << "with chroma";
}

TEST(DrawText, DotSize) {
  struct Chroma {
    bool there;
    int shift_x, shift_y;
  };
  for (const Chroma chroma : {Chroma{false, 0, 0}, {true, 0, 0}, {true, 1, 0}, {true, 1, 1}, {true, 2, 0}}) {
    for (const auto& [height, dot] : {std::pair{15, 1}, {359, 1}, {719, 1}, {720, 2}, {1081, 3}}) {
      const FrameFormat format{19 * dot + 2, height, 8, chroma.there, chroma.shift_x, chroma.shift_y};
      SCOPED_TRACE(std::to_string(height) + " rows, shift " + std::to_string(chroma.shift_x));
      GuardedBytes frame = untouched_frame(format);
      draw_text(format, false, "FL", frame.data());
      expect_fl(format, frame.data(), dot, {16, 235});
      EXPECT_TRUE(frame.guards_are_whole());
    }
  }
}

TEST(DrawText, Range) {
  struct Kind {
    int bits;
    bool full_range;
    Levels levels;
  };
  for (const Kind& kind : {Kind{8, true, {0, 255}},
                           {10, false, {64, 940}},
                           {10, true, {0, 1023}},
                           {16, false, {4096, 60160}},
                           {16, true, {0, 65535}}}) {
    const FrameFormat format{.width = 43, .height = 721, .bits = kind.bits};
    SCOPED_TRACE(std::to_string(kind.bits) + (kind.full_range ? " bits, full" : " bits, limited"));
    GuardedBytes frame = untouched_frame(format);
    draw_text(format, kind.full_range, "FL", frame.data());
    expect_fl(format, frame.data(), 2, kind.levels);
  }
}

TEST(DrawText, TooLong) {
  for (const std::int64_t width : {19, 20, 24}) {
    const FrameFormat format{.width = width, .height = 20};
    GuardedBytes frame = untouched_frame(format);
    draw_text(format, false, "fl: 24.5 FPS", frame.data());
    expect_fl(format, frame.data(), 1, {16, 235});
    EXPECT_TRUE(frame.guards_are_whole());
  }
}

TEST(DrawText, TinyFrames) {
  const std::int64_t sizes[][2]{{1, 1}, {2, 2}, {5, 3}, {12, 40}, {40, 14}, {3, 4000}, {4000, 1}};
  for (const auto& [width, height] : sizes) {
    for (const int bits : {8, 16}) {
      const FrameFormat format{.width = width, .height = height, .bits = bits};
      GuardedBytes frame = untouched_frame(format);
      draw_text(format, false, "FL", frame.data());
      EXPECT_TRUE(frame.guards_are_whole());
      for (std::int64_t i = 0; i < format.frame_bytes(); ++i) ASSERT_EQ(frame.data()[i], before) << width << " " << i;
    }
  }
}

TEST(DrawText, EmptyText) {
  const FrameFormat format{.width = 40, .height = 40};
  GuardedBytes frame = untouched_frame(format);
  draw_text(format, false, "", frame.data());
  for (std::int64_t i = 0; i < format.frame_bytes(); ++i) ASSERT_EQ(frame.data()[i], before);
}

TEST(DrawText, NoAllocation) {
  const FrameFormat format{.width = 1280, .height = 720};
  GuardedBytes frame = untouched_frame(format);
  const std::int64_t count = allocations();
  draw_text(format, false, "SOURCE 30.0 FPS  FILTER 5.0 FPS  AGE 6 FRAMES", frame.data());
  EXPECT_EQ(allocations(), count);
}

}  // namespace
}  // namespace haloedge

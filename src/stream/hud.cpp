#include "stream/hud.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace haloedge {

namespace {

/// A row of letters, with one empty column between two of them.
struct Sheet {
  std::string_view letters;
  std::array<std::string_view, letter_rows> rows;
};

constexpr std::array<Sheet, 3> sheets{{
    {"ABCDEFGHIJKLMN",
     {".###. ####. .###. ####. ##### ##### .###. #...# .###. ..### #...# #.... #...# #...#",
      "#...# #...# #...# #...# #.... #.... #...# #...# ..#.. ...#. #..#. #.... ##.## ##..#",
      "#...# #...# #.... #...# #.... #.... #.... #...# ..#.. ...#. #.#.. #.... #.#.# #.#.#",
      "##### ####. #.... #...# ####. ####. #.### ##### ..#.. ...#. ##... #.... #.#.# #.#.#",
      "#...# #...# #.... #...# #.... #.... #...# #...# ..#.. ...#. #.#.. #.... #...# #..##",
      "#...# #...# #...# #...# #.... #.... #...# #...# ..#.. #..#. #..#. #.... #...# #...#",
      "#...# ####. .###. ####. ##### #.... .###. #...# .###. .##.. #...# ##### #...# #...#"}},
    {"OPQRSTUVWXYZ.:",
     {".###. ####. .###. ####. .#### ##### #...# #...# #...# #...# #...# ##### ..... .....",
      "#...# #...# #...# #...# #.... ..#.. #...# #...# #...# #...# #...# ....# ..... ..#..",
      "#...# #...# #...# #...# #.... ..#.. #...# #...# #...# .#.#. .#.#. ...#. ..... ..#..",
      "#...# ####. #...# ####. .###. ..#.. #...# #...# #.#.# ..#.. ..#.. ..#.. ..... .....",
      "#...# #.... #.#.# #.#.. ....# ..#.. #...# .#.#. #.#.# .#.#. ..#.. .#... ..... ..#..",
      "#...# #.... #..#. #..#. ....# ..#.. #...# .#.#. ##.## #...# ..#.. #.... .##.. ..#..",
      ".###. #.... .##.# #...# ####. ..#.. .###. ..#.. #...# #...# ..#.. ##### .##.. ....."}},
    {"0123456789-/%",
     {".###. ..#.. .###. ####. ...#. ##### ..##. ##### .###. .###. ..... ....# ##..#",
      "#...# .##.. #...# ....# ..##. #.... .#... ....# #...# #...# ..... ....# ##..#",
      "#..## ..#.. ....# ....# .#.#. ####. #.... ...#. #...# #...# ..... ...#. ...#.",
      "#.#.# ..#.. ..##. .###. #..#. ....# ####. ...#. .###. .#### ##### ..#.. ..#..",
      "##..# ..#.. .#... ....# ##### ....# #...# ..#.. #...# ....# ..... .#... .#...",
      "#...# ..#.. #.... ....# ...#. #...# #...# ..#.. #...# ...#. ..... #.... #..##",
      ".###. .###. ##### ####. ...#. .###. .###. ..#.. .###. .##.. ..... #.... #..##"}},
}};

// Lengths in dots.
constexpr std::int64_t distance = 4;  // from the frame's corner to the box
constexpr std::int64_t margin = 2;    // between the box and its text
constexpr std::int64_t advance = letter_columns + 1;
constexpr std::int64_t box_height = letter_rows + 2 * margin;
// The box is this much wider than the sum of its letters' advances, because the last letter has no gap behind it.
constexpr std::int64_t beside = 2 * margin - 1;

constexpr std::int64_t frame_height_per_dot = 360;

std::int64_t dot_size(const FrameFormat& format) {
  return std::max<std::int64_t>(1, format.height / frame_height_per_dot);
}

/// Columns and rows of a plane, without `right` and `bottom` themselves.
struct Rectangle {
  std::int64_t left, top, right, bottom;
};

/// Fills an area of a plane that has `width` samples a row.
void fill(std::byte* plane, std::int64_t width, std::int64_t sample_bytes, const Rectangle& area, std::uint32_t value) {
  for (std::int64_t y = area.top; y < area.bottom; ++y) {
    fill_samples(plane + (y * width + area.left) * sample_bytes, area.right - area.left, sample_bytes, value);
  }
}

void draw_box(const FrameFormat& format, const Rectangle& box, std::uint32_t black, std::byte* frame) {
  const std::int64_t sample = format.sample_bytes();
  fill(frame, format.width, sample, box, black);
  if (!format.has_chroma) return;
  const Rectangle chroma{.left = box.left >> format.chroma_shift_x,
                         .top = box.top >> format.chroma_shift_y,
                         .right = ((box.right - 1) >> format.chroma_shift_x) + 1,
                         .bottom = ((box.bottom - 1) >> format.chroma_shift_y) + 1};
  std::byte* const cb = frame + format.luma_bytes();
  for (std::byte* plane : {cb, cb + format.chroma_bytes()}) {
    fill(plane, format.chroma_width(), sample, chroma, neutral_chroma(format.bits));
  }
}

}  // namespace

bool has_dot(char letter, int column, int row) {
  const char capital = letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  for (const Sheet& sheet : sheets) {
    const auto at = sheet.letters.find(capital);
    if (at == std::string_view::npos) continue;
    const auto left = at * (letter_columns + 1);
    return sheet.rows[static_cast<std::size_t>(row)][left + static_cast<std::size_t>(column)] == '#';
  }
  return false;
}

std::int64_t letters_that_fit(const FrameFormat& format) {
  const std::int64_t dot = dot_size(format);
  if ((distance + box_height) * dot > format.height) return 0;
  return std::max<std::int64_t>(0, (format.width / dot - distance - beside) / advance);
}

void draw_text(const FrameFormat& format, bool full_range, std::string_view text, std::byte* frame) {
  const std::int64_t dot = dot_size(format);
  const std::int64_t count = std::min(static_cast<std::int64_t>(text.size()), letters_that_fit(format));
  if (count < 1) return;

  const std::uint32_t black = to_ycbcr({0, 0, 0}, format.bits, full_range).y;
  const std::uint32_t white = to_ycbcr({255, 255, 255}, format.bits, full_range).y;
  const std::int64_t corner = distance * dot;
  draw_box(format,
           {.left = corner,
            .top = corner,
            .right = corner + (count * advance + beside) * dot,
            .bottom = corner + box_height * dot},
           black, frame);
  for (std::int64_t i = 0; i < count; ++i) {
    for (int row = 0; row < letter_rows; ++row) {
      for (int column = 0; column < letter_columns; ++column) {
        if (!has_dot(text[static_cast<std::size_t>(i)], column, row)) continue;
        const std::int64_t left = (distance + margin + i * advance + column) * dot;
        const std::int64_t top = (distance + margin + row) * dot;
        fill(frame, format.width, format.sample_bytes(),
             {.left = left, .top = top, .right = left + dot, .bottom = top + dot}, white);
      }
    }
  }
}

std::string_view rates_text(double source, double filter, std::optional<std::int64_t> age, std::int64_t letters,
                            RatesBuffer& buffer) {
  std::array<char, 24> frames{'-'};
  std::size_t digits = 1;
  if (age) digits = static_cast<std::size_t>(fmt::format_to(frames.data(), "{}", *age) - frames.data());
  const std::string_view age_text(frames.data(), digits);
  for (const char* form : {"SOURCE {:.1f} FPS  FILTER {:.1f} FPS  AGE {}", "S {:.1f} F {:.1f} A {}"}) {
    const auto text = fmt::format_to_n(buffer.data(), buffer.size(), fmt::runtime(form), source, filter, age_text);
    if (text.size <= std::min(buffer.size(), static_cast<std::size_t>(letters))) return {buffer.data(), text.size};
  }
  return {};
}

void draw_rates(const Y4mHeader& painted, const StreamStats& stats, std::optional<std::int64_t> age, std::byte* frame) {
  RatesBuffer buffer{};
  draw_text(painted.format, painted.full_range(),
            rates_text(stats.source_rate(), stats.filter_rate(), age, letters_that_fit(painted.format), buffer), frame);
}

}  // namespace haloedge

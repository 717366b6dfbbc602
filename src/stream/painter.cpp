#include "stream/painter.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

namespace haloedge {

namespace {

/// Mixes `color`, one sample of the colour, over `count` samples, each by the strength of its edge.
template <typename Sample>
void mix(const std::byte* from, const std::byte* strengths, std::int64_t count, std::uint32_t color, int frame_bits,
         std::byte* to) {
  // The type is just wide enough for full scale squared, so that a vector register holds many samples. For samples of
  // one byte, the number of bits is a constant.
  using Wide = std::conditional_t<sizeof(Sample) == 1, std::uint16_t, std::uint32_t>;
  const int bits = sizeof(Sample) == 1 ? 8 : frame_bits;
  const std::uint32_t most = full_scale(bits);
  const std::uint32_t half = std::uint32_t{1} << (bits - 1);
  for (std::int64_t i = 0; i < count; ++i) {
    const std::uint32_t strength = load_sample<Sample>(strengths, i);
    const std::uint32_t sample = load_sample<Sample>(from, i);
    // Divides by full scale and rounds to the nearest. This is exact for all products of two samples.
    const auto sum = static_cast<Wide>(sample * (most - strength) + color * strength + half);
    const auto quotient = static_cast<Wide>(static_cast<Wide>(sum + (sum >> bits)) >> bits);
    store_sample(to, i, static_cast<Sample>(quotient));
  }
}

/// Finds the strengths of edges at samples of chroma, for a part of a row at a time.
template <typename Sample>
class ChromaStrengths {
 public:
  ChromaStrengths(const FrameFormat& format, const std::byte* edges) : format_(format), edges_(edges) {}

  /// The most samples of chroma that one part has.
  [[nodiscard]] std::int64_t part() const { return part_samples >> format_.chroma_shift_x; }

  /// Returns the strengths for `count` samples of chroma from `column` of `row`. They are valid until the next call.
  const std::byte* find(std::int64_t row, std::int64_t column, std::int64_t count) {
    const std::int64_t left = column << format_.chroma_shift_x;
    std::int64_t shared = count << format_.chroma_shift_x;
    const std::int64_t there = std::min(shared, format_.width - left);
    const std::int64_t top = row << format_.chroma_shift_y;
    const std::int64_t bottom = std::min(top + (1 << format_.chroma_shift_y), format_.height);

    Sample* strengths = one_.data();
    Sample* next = other_.data();
    std::fill_n(strengths, shared, Sample{0});
    for (std::int64_t y = top; y < bottom; ++y) {
      const std::byte* const edges = edges_ + (y * format_.width + left) * static_cast<std::int64_t>(sizeof(Sample));
      for (std::int64_t i = 0; i < there; ++i) strengths[i] = std::max(strengths[i], load_sample<Sample>(edges, i));
    }
    for (; shared > count; shared /= 2) {
      for (std::int64_t i = 0; i < shared / 2; ++i) next[i] = std::max(strengths[2 * i], strengths[2 * i + 1]);
      std::swap(strengths, next);
    }
    return reinterpret_cast<const std::byte*>(strengths);
  }

 private:
  static constexpr std::int64_t part_samples = 2048;  ///< samples of luma in the largest part

  const FrameFormat& format_;
  const std::byte* edges_;
  std::array<Sample, part_samples> one_;
  std::array<Sample, part_samples> other_;
};

/// Mixes the colour over a frame where it has edges. Each sample of chroma takes the strongest edge among the samples
/// of luma that share it, so that thin lines keep their colour.
template <typename Sample>
void overlay(const FrameFormat& format, const YCbCr& color, const std::byte* frame, const std::byte* edges,
             std::byte* out) {
  mix<Sample>(frame, edges, format.width * format.height, color.y, format.bits, out);
  ChromaStrengths<Sample> strengths(format, edges);
  const std::int64_t columns = format.chroma_width();
  const std::int64_t cr = format.chroma_bytes();
  for (std::int64_t row = 0; row < format.chroma_height(); ++row) {
    for (std::int64_t column = 0; column < columns; column += strengths.part()) {
      const std::int64_t count = std::min(strengths.part(), columns - column);
      const std::byte* const strength = strengths.find(row, column, count);
      const std::int64_t at = format.luma_bytes() + (row * columns + column) * format.sample_bytes();
      mix<Sample>(frame + at, strength, count, color.cb, format.bits, out + at);
      mix<Sample>(frame + at + cr, strength, count, color.cr, format.bits, out + at + cr);
    }
  }
}

/// Copies samples; writes black if `from` is null.
void copy(std::byte* to, const std::byte* from, std::int64_t bytes) {
  if (from == nullptr) {
    std::memset(to, 0, static_cast<std::size_t>(bytes));
  } else {
    std::memcpy(to, from, static_cast<std::size_t>(bytes));
  }
}

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

std::int64_t dot_size(const FrameFormat& format) {
  constexpr std::int64_t frame_height_per_dot = 360;
  return std::max<std::int64_t>(1, format.height / frame_height_per_dot);
}

/// The columns [left, right) and the rows [top, bottom) of a plane.
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

Painter::Painter(const FrameFormat& frame, Show show, Color color, bool full_range)
    : frame_(frame), out_(frame), show_(show), color_(to_ycbcr(color, frame.bits, full_range)) {
  if (show == Show::side) out_.width *= 2;
}

void Painter::paint(const std::byte* frame, const std::byte* edges, std::byte* out) const {
  switch (show_) {
    case Show::overlay:
      if (edges == nullptr) return copy(out, frame, frame_.frame_bytes());
      return frame_.bits > 8 ? overlay<std::uint16_t>(frame_, color_, frame, edges, out)
                             : overlay<std::uint8_t>(frame_, color_, frame, edges, out);
    case Show::edges: return paint_edges(edges, out);
    case Show::side: return paint_side(frame, edges, out);
  }
}

void Painter::paint_edges(const std::byte* edges, std::byte* out) const {
  copy(out, edges, frame_.luma_bytes());
  fill_samples(out + frame_.luma_bytes(), 2 * frame_.chroma_width() * frame_.chroma_height(), frame_.sample_bytes(),
               neutral_chroma(frame_.bits));
}

void Painter::paint_side(const std::byte* frame, const std::byte* edges, std::byte* out) const {
  const std::int64_t sample = frame_.sample_bytes();
  const std::int64_t luma_row = frame_.width * sample;
  for (std::int64_t y = 0; y < frame_.height; ++y, frame += luma_row, out += 2 * luma_row) {
    copy(out, frame, luma_row);
    copy(out + luma_row, edges == nullptr ? nullptr : edges + y * luma_row, luma_row);
  }
  // The two planes of chroma are treated as one plane of twice the height. If the width is odd, the half with the edges
  // may have one column less than the half with the frame.
  const std::int64_t chroma_row = frame_.chroma_width() * sample;
  const std::int64_t columns_beside = out_.chroma_width() - frame_.chroma_width();
  for (std::int64_t y = 0; y < 2 * frame_.chroma_height(); ++y) {
    copy(out, frame, chroma_row);
    fill_samples(out + chroma_row, columns_beside, sample, neutral_chroma(frame_.bits));
    frame += chroma_row;
    out += chroma_row + columns_beside * sample;
  }
}

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
  const auto [source, filter] = stats.rates();
  draw_text(painted.format, painted.full_range(),
            rates_text(source, filter, age, letters_that_fit(painted.format), buffer), frame);
}

}  // namespace haloedge

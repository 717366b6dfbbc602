#include "stream/overlay.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "stream/samples.hpp"

namespace haloedge {

namespace {

/// Mixes one colour's sample over `count` samples.
template <typename Sample>
void mix(const std::byte* from, const std::byte* strengths, std::int64_t count, std::uint32_t color, int frame_bits,
         std::byte* to) {
  // Just wide enough for full scale squared: vectors of bytes stay short, and their depth is a constant.
  using Wide = std::conditional_t<sizeof(Sample) == 1, std::uint16_t, std::uint32_t>;
  const int bits = sizeof(Sample) == 1 ? 8 : frame_bits;
  const std::uint32_t most = full_scale(bits);
  const std::uint32_t half = std::uint32_t{1} << (bits - 1);
  for (std::int64_t i = 0; i < count; ++i) {
    const std::uint32_t strength = load_sample<Sample>(strengths, i);
    const std::uint32_t sample = load_sample<Sample>(from, i);
    // The division by full scale, rounded to the nearest: exact for all products of two samples.
    const auto sum = static_cast<Wide>(sample * (most - strength) + color * strength + half);
    const auto quotient = static_cast<Wide>(static_cast<Wide>(sum + (sum >> bits)) >> bits);
    store_sample(to, i, static_cast<Sample>(quotient));
  }
}

/// The edges' strengths for a part of a row of chroma.
template <typename Sample>
class ChromaStrengths {
 public:
  ChromaStrengths(const FrameFormat& format, const std::byte* edges) : format_(format), edges_(edges) {}

  /// How many samples of chroma a part has at most.
  [[nodiscard]] std::int64_t part() const { return part_samples >> format_.chroma_shift_x; }

  /// Those of the samples from `column` of chroma's `row`; good until the next call.
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
  static constexpr std::int64_t part_samples = 2048;  // of luma

  const FrameFormat& format_;
  const std::byte* edges_;
  std::array<Sample, part_samples> one_;
  std::array<Sample, part_samples> other_;
};

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

}  // namespace

void overlay_edges(const FrameFormat& format, const YCbCr& color, const std::byte* frame, const std::byte* edges,
                   std::byte* out) {
  const auto overlay_of = format.bits > 8 ? overlay<std::uint16_t> : overlay<std::uint8_t>;
  overlay_of(format, color, frame, edges, out);
}

}  // namespace haloedge

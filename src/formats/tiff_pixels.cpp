#include "formats/tiff_pixels.hpp"

#include <type_traits>

namespace haloedge {

namespace {

/// Sample `index` of a row whose samples have 1, 2, 4 or 8 bits, the first in the highest bits.
unsigned packed_sample(const std::byte* row, std::int64_t index, int bits) {
  const std::int64_t bit = index * bits;
  const auto byte = std::to_integer<unsigned>(row[bit / 8]);
  return (byte >> (8 - bits - bit % 8)) & ((1U << bits) - 1);
}

void look_up_palette(const TiffHeader& header, const std::byte* row, std::int64_t width, std::byte* out) {
  for (std::int64_t x = 0; x < width; ++x) {
    const std::size_t entry = std::size_t{3} * packed_sample(row, x * header.block_samples, header.bits);
    for (std::size_t i = 0; i < 3; ++i) *out++ = std::byte{header.palette[entry + i]};
  }
}

/// Gray of fewer than 8 bits to the full range of 8.
void spread_bits(const TiffHeader& header, const std::byte* row, std::int64_t width, std::byte* out) {
  const unsigned most = (1U << header.bits) - 1;
  for (std::int64_t x = 0; x < width; ++x) {
    const unsigned sample = packed_sample(row, x, header.bits);
    const unsigned shown = header.inverted ? most - sample : sample;
    out[x] = static_cast<std::byte>(shown * 255 / most);
  }
}

template <class Sample>
Sample turned_over(Sample sample) {
  if constexpr (std::is_same_v<Sample, float>) {
    return 1.0F - sample;
  } else {
    return static_cast<Sample>(~sample);
  }
}

template <class Sample>
void pick_samples(const TiffHeader& header, const std::vector<const std::byte*>& planes, std::int64_t width,
                  std::byte* out) {
  auto* to = reinterpret_cast<Sample*>(out);
  const int channels = header.image.channels;
  const std::int64_t step = header.block_samples;
  for (int channel = 0; channel < channels; ++channel) {
    const auto plane = static_cast<std::size_t>(header.planes > 1 ? channel : 0);
    const auto* from = reinterpret_cast<const Sample*>(planes[plane]) + (header.planes > 1 ? 0 : channel);
    // Alpha, where there is one, stands last; it is not turned over.
    const bool invert = header.inverted && channel == 0;
    for (std::int64_t x = 0; x < width; ++x) {
      const Sample sample = from[x * step];
      to[x * channels + channel] = invert ? turned_over(sample) : sample;
    }
  }
}

}  // namespace

void convert_tiff_row(const TiffHeader& header, const std::vector<const std::byte*>& planes, std::int64_t width,
                      std::byte* out) {
  if (!header.palette.empty()) return look_up_palette(header, planes[0], width, out);
  if (header.bits < 8) return spread_bits(header, planes[0], width, out);
  switch (header.image.type) {
    case kernels::SampleType::u8:
      return pick_samples<std::uint8_t>(header, planes, width, out);
    case kernels::SampleType::u16:
      return pick_samples<std::uint16_t>(header, planes, width, out);
    case kernels::SampleType::f32:
      return pick_samples<float>(header, planes, width, out);
  }
}

}  // namespace haloedge

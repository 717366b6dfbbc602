#include "support/tiff_promise.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace haloedge {

namespace {

using kernels::SampleType;

std::uint32_t colour(const TiffPage& page, std::uint64_t entry, int channel) {
  const auto& map = page.colour_map;
  const std::uint32_t value = map[static_cast<std::size_t>(channel) * map.size() / 3 + entry];
  const bool wide = std::any_of(map.begin(), map.end(), [](auto v) { return v > 255; });
  return wide ? value * 255 / 65535 : value;
}

/// The value of a half: sign, 5 bits of exponent and 10 of mantissa.
float half_value(std::uint64_t bits) {
  const double mantissa = static_cast<double>(bits & 0x3FF) / 1024;
  const int exponent = static_cast<int>(bits >> 10 & 0x1F);
  const double size = exponent == 0 ? std::ldexp(mantissa, -14) : std::ldexp(1 + mantissa, exponent - 15);
  return static_cast<float>((bits >> 15) != 0 ? -size : size);
}

/// The number that a sample of the file stands for.
double number(const TiffPage& page, std::uint64_t bits) {
  if (page.format == SAMPLEFORMAT_IEEEFP) {
    if (page.bits == 16) return half_value(bits);
    return page.bits == 32 ? static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)))
                           : std::bit_cast<double>(bits);
  }
  if (page.format != SAMPLEFORMAT_INT) return static_cast<double>(bits);
  const bool negative = (bits >> (page.bits - 1)) != 0;
  const auto beyond = page.bits < 64 ? static_cast<std::int64_t>(1) << page.bits : 0;
  return static_cast<double>(static_cast<std::int64_t>(bits) - (negative ? beyond : 0));
}

template <class Sample>
void append(std::vector<std::byte>& bytes, Sample sample) {
  const auto* from = reinterpret_cast<const std::byte*>(&sample);
  bytes.insert(bytes.end(), from, from + sizeof sample);
}

void append_sample(const TiffPage& page, std::int64_t row, std::int64_t column, int channel, int channels,
                   std::vector<std::byte>& bytes) {
  if (!page.colour_map.empty()) {
    return append(bytes, static_cast<std::uint8_t>(colour(page, page.value(row, column, 0), channel)));
  }
  const std::uint64_t stored = page.value(row, column, channel);
  const bool is_alpha = channel > 0 && channel + 1 == channels && channels % 2 == 0;
  const bool turn = page.photometric == PHOTOMETRIC_MINISWHITE && !is_alpha;
  const double value = number(page, stored);
  switch (promised_type(page)) {
    case SampleType::f32: return append(bytes, turn ? 1.0F - static_cast<float>(value) : static_cast<float>(value));
    case SampleType::f64: return append(bytes, turn ? 1.0 - value : value);
    default: break;
  }
  const double most = std::ldexp(1.0, page.bits) - 1;
  const double shown = turn ? most - value : value;
  if (page.format == SAMPLEFORMAT_INT) {
    const double moved = shown + (page.bits <= 8 ? 128 : 32768);
    return page.bits <= 8 ? append(bytes, static_cast<std::uint8_t>(moved))
                          : append(bytes, static_cast<std::uint16_t>(moved));
  }
  if (page.bits > 8) return append(bytes, static_cast<std::uint16_t>(shown));
  append(bytes, static_cast<std::uint8_t>(page.bits < 8 ? std::floor(shown * 255 / most + 0.5) : shown));
}

}  // namespace

SampleType promised_type(const TiffPage& page) {
  if (page.format == SAMPLEFORMAT_IEEEFP) return page.bits == 64 ? SampleType::f64 : SampleType::f32;
  return page.bits <= 8 ? SampleType::u8 : page.bits <= 16 ? SampleType::u16 : SampleType::f64;
}

std::vector<std::byte> promised_rows(const TiffPage& page, int channels, RowRange rows) {
  std::vector<std::byte> bytes;
  for (std::int64_t row = rows.begin; row < rows.end; ++row) {
    for (std::int64_t column = 0; column < page.width; ++column) {
      for (int channel = 0; channel < channels; ++channel) append_sample(page, row, column, channel, channels, bytes);
    }
  }
  return bytes;
}

}  // namespace haloedge

#include "formats/tiff_samples.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

namespace haloedge {

namespace {

using kernels::SampleType;
using Kind = TiffSamples::Kind;

/// A float of 16 or 24 bits, IEEE 754 binary16 or one with 7 bits of exponent and 16 of mantissa, as a float.
template <int exponent_bits, int mantissa_bits>
float widened(std::uint32_t bits) {
  constexpr int bias = (1 << (exponent_bits - 1)) - 1;
  constexpr std::uint32_t largest = (1U << exponent_bits) - 1;
  const std::uint32_t sign = bits >> (exponent_bits + mantissa_bits);
  const std::uint32_t exponent = (bits >> mantissa_bits) & largest;
  const std::uint32_t mantissa = bits & ((1U << mantissa_bits) - 1);
  constexpr int float_mantissa_bits = 23;
  constexpr int float_bias = 127;
  float size = 0;
  if (exponent == 0) {
    size = std::ldexp(static_cast<float>(mantissa), 1 - bias - mantissa_bits);
  } else {
    const std::uint32_t wide = exponent == largest ? 0xFF : exponent - bias + float_bias;
    size = std::bit_cast<float>(wide << float_mantissa_bits | mantissa << (float_mantissa_bits - mantissa_bits));
  }
  return sign != 0 ? -size : size;
}

float half_to_float(std::uint16_t bits) { return widened<5, 10>(bits); }
float three_bytes_to_float(std::uint32_t bits) { return widened<7, 16>(bits); }

/// Writes value(i) for each sample i of the row.
template <class Out, class Value>
void write(const ChannelRow& channel, std::int64_t width, std::byte* out, std::int64_t out_step, const Value& value) {
  auto* to = reinterpret_cast<Out*>(out);
  std::int64_t i = channel.first;
  for (std::int64_t x = 0; x < width; ++x, i += channel.step) {
    const Out sample = value(i);
    if constexpr (std::is_floating_point_v<Out>) {
      to[x * out_step] = channel.is_inverted ? Out{1} - sample : sample;
    } else {
      to[x * out_step] = channel.is_inverted ? static_cast<Out>(~sample) : sample;
    }
  }
}

/// Writes the samples, which are of type In in the row, as Out with `zero` added.
template <class Out, class In>
void write_numbers(const ChannelRow& channel, std::int64_t width, std::byte* out, std::int64_t out_step,
                   std::uint16_t zero) {
  const auto* from = reinterpret_cast<const In*>(channel.row);
  write<Out>(channel, width, out, out_step, [&](std::int64_t i) {
    if constexpr (std::is_integral_v<Out>) return static_cast<Out>(from[i] + zero);
    if constexpr (!std::is_integral_v<Out>) return static_cast<Out>(from[i]);
  });
}

std::uint32_t three_bytes(const std::byte* row, std::int64_t index) {
  std::uint32_t value = 0;
  constexpr std::size_t bytes = 3;
  auto* to = reinterpret_cast<std::byte*>(&value);
  std::memcpy(std::endian::native == std::endian::little ? to : to + 1, row + index * static_cast<std::int64_t>(bytes),
              bytes);
  return value;
}

/// The value of a signed integer of so many bits.
double signed_value(std::uint32_t sample, int bits) {
  const std::uint32_t sign = 1U << (bits - 1);
  return static_cast<double>(sample & (sign - 1)) - static_cast<double>(sample & sign);
}

void write_reals(int bits, const ChannelRow& channel, std::int64_t width, std::byte* out, std::int64_t out_step) {
  if (bits == 16) {
    const auto* from = reinterpret_cast<const std::uint16_t*>(channel.row);
    return write<float>(channel, width, out, out_step, [&](std::int64_t i) { return half_to_float(from[i]); });
  }
  if (bits == 24) {
    return write<float>(channel, width, out, out_step,
                        [&](std::int64_t i) { return three_bytes_to_float(three_bytes(channel.row, i)); });
  }
  if (bits == 32) return write_numbers<float, float>(channel, width, out, out_step, 0);
  write_numbers<double, double>(channel, width, out, out_step, 0);
}

/// Integers whose size is not that of a number of the processor.
void write_odd_integers(const TiffSamples& samples, const ChannelRow& channel, std::int64_t width, std::byte* out,
                        std::int64_t out_step) {
  const int bits = samples.bits;
  const bool is_signed = samples.kind == Kind::signed_integer;
  const auto stored = [&](std::int64_t i) {
    return bits == 24 ? three_bytes(channel.row, i) : packed_sample(channel.row, i, bits);
  };
  const auto shifted = [&](std::int64_t i) {
    return is_signed ? static_cast<int>(signed_value(stored(i), bits)) + samples.zero() : static_cast<int>(stored(i));
  };
  const std::uint32_t most = bits < 32 ? (1U << bits) - 1 : std::numeric_limits<std::uint32_t>::max();
  if (bits < 8 && !is_signed) {
    write<std::uint8_t>(channel, width, out, out_step,
                        [&](std::int64_t i) { return static_cast<std::uint8_t>((stored(i) * 255 + most / 2) / most); });
  } else if (bits <= 8) {
    write<std::uint8_t>(channel, width, out, out_step,
                        [&](std::int64_t i) { return static_cast<std::uint8_t>(shifted(i)); });
  } else if (bits <= 16) {
    ChannelRow as_stored = channel;
    as_stored.is_inverted = false;
    write<std::uint16_t>(as_stored, width, out, out_step, [&](std::int64_t i) {
      const int sample = shifted(i);
      return static_cast<std::uint16_t>(channel.is_inverted ? static_cast<int>(most) - sample : sample);
    });
  } else {
    write<double>(channel, width, out, out_step, [&](std::int64_t i) {
      return is_signed ? signed_value(stored(i), bits) : static_cast<double>(stored(i));
    });
  }
}

/// Calls body(type) with a value of the type that a sample of 8, 16, 32 or 64 bits has.
template <class Body>
void with_number(const TiffSamples& samples, const Body& body) {
  const bool is_signed = samples.kind == Kind::signed_integer;
  switch (samples.bits) {
    case 8: return is_signed ? body(std::int8_t{}) : body(std::uint8_t{});
    case 16: return is_signed ? body(std::int16_t{}) : body(std::uint16_t{});
    case 32:
      return samples.kind == Kind::real ? body(float{}) : is_signed ? body(std::int32_t{}) : body(std::uint32_t{});
    default: break;
  }
  samples.kind == Kind::real ? body(double{}) : is_signed ? body(std::int64_t{}) : body(std::uint64_t{});
}

}  // namespace

bool TiffSamples::are_supported() const {
  if (kind == Kind::real) return bits == 16 || bits == 24 || bits == 32 || bits == 64;
  return (bits >= 1 && bits <= 32) || bits == 64;
}

SampleType TiffSamples::type() const {
  if (kind == Kind::real) return bits == 64 ? SampleType::f64 : SampleType::f32;
  return bits <= 8 ? SampleType::u8 : bits <= 16 ? SampleType::u16 : SampleType::f64;
}

std::uint16_t TiffSamples::zero() const {
  if (kind != Kind::signed_integer || bits > 16) return 0;
  return bits <= 8 ? 0x80 : 0x8000;
}

bool TiffSamples::are_direct() const {
  if (kind == Kind::real) return bits == 32 || bits == 64;
  return kind == Kind::unsigned_integer && (bits == 8 || bits == 16);
}

void convert_samples(const TiffSamples& samples, const ChannelRow& channel, std::int64_t width, std::byte* out,
                     std::int64_t out_step) {
  if (samples.kind == Kind::real) return write_reals(samples.bits, channel, width, out, out_step);
  if (samples.are_packed() || samples.bits == 24) return write_odd_integers(samples, channel, width, out, out_step);
  with_number(samples, [&](auto number) {
    using In = decltype(number);
    using Small = std::conditional_t<sizeof(In) == 1, std::uint8_t, std::uint16_t>;
    using Out = std::conditional_t<sizeof(In) <= 2, Small, double>;
    write_numbers<Out, In>(channel, width, out, out_step, samples.zero());
  });
}

std::uint32_t packed_sample(const std::byte* row, std::int64_t index, int bits) {
  std::int64_t at = index * bits;
  std::uint32_t sample = 0;
  for (int left = bits; left > 0;) {
    const int in_byte = 8 - static_cast<int>(at % 8);
    const int taken = std::min(left, in_byte);
    const auto byte = std::to_integer<std::uint32_t>(row[at / 8]);
    sample = sample << taken | ((byte >> (in_byte - taken)) & ((1U << taken) - 1));
    at += taken;
    left -= taken;
  }
  return sample;
}

void fill_samples(const TiffSamples& samples, double value, std::int64_t bytes, std::byte* to) {
  std::memset(to, 0, static_cast<std::size_t>(bytes));
  const bool is_number = samples.kind == Kind::real ? samples.bits >= 32 : !samples.are_packed() && samples.bits != 24;
  if (!is_number) return;
  with_number(samples, [&](auto number) {
    using Number = decltype(number);
    using Limits = std::numeric_limits<Number>;
    const bool fits = std::is_floating_point_v<Number> ||
                      (value >= static_cast<double>(Limits::lowest()) && value < std::ldexp(1.0, Limits::digits));
    if (!fits) return;
    number = static_cast<Number>(value);
    constexpr auto step = static_cast<std::int64_t>(sizeof(Number));
    for (std::int64_t at = 0; at + step <= bytes; at += step) std::memcpy(to + at, &number, sizeof(Number));
  });
}

}  // namespace haloedge

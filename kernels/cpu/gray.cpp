// Compiled once for each instruction set, by foreach_target.h.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/gray.cpp"
#include <algorithm>
#include <cstring>

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/cpu/cpu.hpp"
#include "kernels/dispatch.hpp"
#include "kernels/pixel.hpp"
#include "kernels/reference/reference.hpp"

HWY_BEFORE_NAMESPACE();
namespace haloedge::kernels::cpu::HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR  // for processors without useful vectors
void gray_pixels(const ConstPixels& source, Gray weights, const Plane& gray) { reference::gray(source, weights, gray); }
#else

namespace hn = hwy::HWY_NAMESPACE;

template <class V>
struct Colour {
  V red, green, blue;
};

/// Tag of a vector of the same size whose numbers are twice as wide.
template <class D>
using Wide = hn::RepartitionToWide<D>;

template <Gray gray>
constexpr FixedWeights fixed_weights = gray == Gray::bt709 ? fixed_bt709 : fixed_bt601;

/// (weighted sum + 2^14) >> 15 of 8-bit samples, in 16 bits. With weights split into 256 * high + low it is exactly
/// (sum of high parts + 64 + (sum of low parts >> 8)) >> 7, and no sum exceeds 2^16 - 1.
template <Gray gray, class D16, class V = hn::Vec<D16>>
HWY_INLINE V weigh_bytes(D16 d, const Colour<V>& c) {
  constexpr FixedWeights w = fixed_weights<gray>;
  static_assert((w.red % 256 + w.green % 256 + w.blue % 256) * 255 < 65536);
  const auto sum = [&](std::uint32_t red, std::uint32_t green, std::uint32_t blue) HWY_ATTR {
    return hn::Add(hn::Add(hn::Mul(c.red, hn::Set(d, static_cast<std::uint16_t>(red))),
                           hn::Mul(c.green, hn::Set(d, static_cast<std::uint16_t>(green)))),
                   hn::Mul(c.blue, hn::Set(d, static_cast<std::uint16_t>(blue))));
  };
  const V high = sum(w.red / 256, w.green / 256, w.blue / 256);
  const V low = sum(w.red % 256, w.green % 256, w.blue % 256);
  return hn::ShiftRight<7>(hn::Add(hn::Add(high, hn::Set(d, 64)), hn::ShiftRight<8>(low)));
}

template <Gray gray, class D32, class V = hn::Vec<D32>>
HWY_INLINE V weigh_words(D32 d, const Colour<V>& c) {
  constexpr FixedWeights w = fixed_weights<gray>;
  const V sum = hn::Add(hn::Add(hn::Mul(c.red, hn::Set(d, w.red)), hn::Mul(c.green, hn::Set(d, w.green))),
                        hn::Mul(c.blue, hn::Set(d, w.blue)));
  return hn::ShiftRight<15>(hn::Add(sum, hn::Set(d, 1U << 14)));
}

/// (red + green + blue + 1) / 3.
template <class D16, class V = hn::Vec<D16>>
HWY_INLINE V mean_of_bytes(D16 d, const Colour<V>& c) {
  const V sum = hn::Add(hn::Add(c.red, c.green), hn::Add(c.blue, hn::Set(d, 1)));
  return hn::ShiftRight<1>(hn::MulHigh(sum, hn::Set(d, 43691)));  // 43691 / 2^17 is 1/3 for all of these sums
}

template <class D32, class V = hn::Vec<D32>>
HWY_INLINE V mean_of_words(D32 d, const Colour<V>& c) {
  const hn::RebindToSigned<D32> signed_d;
  const hn::RebindToFloat<D32> float_d;
  const V sum = hn::Add(hn::Add(c.red, c.green), hn::Add(c.blue, hn::Set(d, 1)));
  // Exact: sums are below 2^18, far from where a quotient could be rounded up to the next whole number.
  const auto third = hn::Div(hn::ConvertTo(float_d, hn::BitCast(signed_d, sum)), hn::Set(float_d, 3.0F));
  return hn::BitCast(d, hn::ConvertTo(signed_d, third));
}

template <Gray gray, class D, class V = hn::Vec<D>>
HWY_INLINE V gray_of_floats(D d, const Colour<V>& c) {
  if constexpr (gray == Gray::mean) {
    return hn::Div(hn::Add(hn::Add(c.red, c.green), c.blue), hn::Set(d, hn::TFromD<D>{3}));
  } else {
    using Float = hn::TFromD<D>;
    constexpr FloatWeights w = gray == Gray::bt709 ? float_bt709<Float> : float_bt601<Float>;
    return hn::Add(hn::Add(hn::Mul(c.red, hn::Set(d, w.red)), hn::Mul(c.green, hn::Set(d, w.green))),
                   hn::Mul(c.blue, hn::Set(d, w.blue)));
  }
}

/// Converts colours of integers to gray. The samples of even and of odd columns are converted separately, in twice
/// their bits, so that nothing moves from lane to lane.
template <Gray gray, class D, class V = hn::Vec<D>>
HWY_INLINE V gray_of_integers(D d, const Colour<V>& c) {
  using Sample = hn::TFromD<D>;
  const Wide<D> wide;
  constexpr int bits = 8 * sizeof(Sample);
  const auto ones = hn::Set(wide, hwy::LimitsMax<Sample>());
  const auto even = [&](V v) HWY_ATTR { return hn::And(hn::BitCast(wide, v), ones); };
  const auto odd = [&](V v) HWY_ATTR { return hn::ShiftRight<bits>(hn::BitCast(wide, v)); };
  const auto weigh = [&](const Colour<hn::Vec<Wide<D>>>& parts) HWY_ATTR {
    if constexpr (sizeof(Sample) == 1) {
      if constexpr (gray == Gray::mean) return mean_of_bytes(wide, parts);
      if constexpr (gray != Gray::mean) return weigh_bytes<gray>(wide, parts);
    } else {
      if constexpr (gray == Gray::mean) return mean_of_words(wide, parts);
      if constexpr (gray != Gray::mean) return weigh_words<gray>(wide, parts);
    }
  };
  const auto evens = weigh({even(c.red), even(c.green), even(c.blue)});
  const auto odds = weigh({odd(c.red), odd(c.green), odd(c.blue)});
  return hn::BitCast(d, hn::Or(evens, hn::ShiftLeft<bits>(odds)));
}

template <Gray gray, class D, class V = hn::Vec<D>>
HWY_INLINE V gray_of(D d, const Colour<V>& c) {
  if constexpr (gray == Gray::red) {
    return c.red;
  } else if constexpr (gray == Gray::green) {
    return c.green;
  } else if constexpr (gray == Gray::blue) {
    return c.blue;
  } else if constexpr (hwy::IsFloat<hn::TFromD<D>>()) {
    return gray_of_floats<gray>(d, c);
  } else {
    return gray_of_integers<gray>(d, c);
  }
}

#if HWY_ARCH_X86
/// Converts a vector of packed 8-bit RGB pixels to gray, a quarter at a time. This is cheaper than separating the three
/// colours, because one instruction multiplies pairs of 16-bit numbers and adds the products.
template <Gray gray, class D>
HWY_INLINE void weigh_packed_rgb(D d, const std::uint8_t* in, std::uint8_t* out) {
  constexpr FixedWeights w = fixed_weights<gray>;
  const hn::Repartition<std::int16_t, D> d16;
  const hn::Repartition<std::int32_t, D> d32;
  constexpr std::int64_t lanes = hn::MaxLanes(d);
  constexpr std::int64_t quarter = lanes / 4;
  constexpr std::uint8_t none = 0x80;
  alignas(16) static constexpr std::uint8_t red_green[16] = {0, none, 1, none, 3, none, 4,  none,
                                                             6, none, 7, none, 9, none, 10, none};
  alignas(16) static constexpr std::uint8_t blue[16] = {2, none, none, none, 5,  none, none, none,
                                                        8, none, none, none, 11, none, none, none};
  const auto sums = [&](const std::uint8_t* from, const auto& spread) HWY_ATTR {
    const auto words = hn::BitCast(d32, hn::LoadU(d, from));
    const auto pixels = hn::BitCast(d, hn::TableLookupLanes(words, spread));
    const auto pairs = hn::BitCast(d16, hn::TableLookupBytesOr0(pixels, hn::LoadDup128(d, red_green)));
    const auto blues = hn::BitCast(d16, hn::TableLookupBytesOr0(pixels, hn::LoadDup128(d, blue)));
    const auto weights = hn::BitCast(d16, hn::Set(d32, static_cast<std::int32_t>(w.green << 16 | w.red)));
    const auto blue_weight = hn::BitCast(d16, hn::Set(d32, static_cast<std::int32_t>(w.blue)));
    auto unused = hn::Zero(d32);
    const auto part = hn::ReorderWidenMulAccumulate(d32, pairs, weights, hn::Set(d32, 1 << 14), unused);
    return hn::ShiftRight<15>(hn::ReorderWidenMulAccumulate(d32, blues, blue_weight, part, unused));
  };
  // Each block of 128 bits gets the 12 bytes of four pixels. The last load begins earlier, so that it does not read
  // past the end.
  std::int32_t places[hn::MaxLanes(d32)];
  std::int32_t last_places[hn::MaxLanes(d32)];
  for (std::int32_t i = 0; i < lanes / 4; ++i) {
    places[i] = i / 4 * 3 + std::min(i % 4, 2);
    last_places[i] = places[i] + lanes / 16;
  }
  const auto spread = hn::SetTableIndices(d32, places);
  const hn::Rebind<std::uint8_t, decltype(d32)> narrow;
  for (std::int64_t i = 0; i < 3; ++i) {
    hn::StoreU(hn::DemoteTo(narrow, sums(in + 3 * quarter * i, spread)), narrow, out + quarter * i);
  }
  const auto last = sums(in + 2 * lanes, hn::SetTableIndices(d32, last_places));
  hn::StoreU(hn::DemoteTo(narrow, last), narrow, out + 3 * quarter);
}
#endif

/// Computes one vector of gray samples.
template <Gray gray, int channels, class D, class Sample = hn::TFromD<D>>
HWY_INLINE void gray_vector(D d, const Sample* in, Sample* out) {
#if HWY_ARCH_X86
  if constexpr (channels == 3 && sizeof(Sample) == 1 && (gray == Gray::bt601 || gray == Gray::bt709)) {
    return weigh_packed_rgb<gray>(d, in, out);
  }
#endif
  Colour<hn::Vec<D>> c;
  auto alpha = hn::Undefined(d);
  if constexpr (channels == 2) {
    hn::LoadInterleaved2(d, in, c.red, alpha);
    hn::StoreU(c.red, d, out);
  } else {
    if constexpr (channels == 3) hn::LoadInterleaved3(d, in, c.red, c.green, c.blue);
    if constexpr (channels == 4) hn::LoadInterleaved4(d, in, c.red, c.green, c.blue, alpha);
    hn::StoreU(gray_of<gray>(d, c), d, out);
  }
}

template <Gray gray, int channels, class Sample>
HWY_NOINLINE void gray_row(const Sample* in, Sample* out, std::int64_t width) {
  const hn::ScalableTag<Sample> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  if (width < lanes) {
    Sample pixels[channels * hn::MaxLanes(d)] = {};
    Sample result[hn::MaxLanes(d)];
    std::memcpy(pixels, in, static_cast<std::size_t>(width) * channels * sizeof(Sample));
    gray_vector<gray, channels>(d, pixels, result);
    std::memcpy(out, result, static_cast<std::size_t>(width) * sizeof(Sample));
    return;
  }
  for (std::int64_t x = 0; x < width - lanes; x += lanes) gray_vector<gray, channels>(d, in + x * channels, out + x);
  // The last vector ends with the row, so some pixels are converted twice.
  gray_vector<gray, channels>(d, in + (width - lanes) * channels, out + width - lanes);
}

void copy_rows(const ConstPixels& source, const Plane& gray) {
  const auto bytes = static_cast<std::size_t>(source.width * sample_bytes(source.type));
  for (std::int64_t y = 0; y < source.rows; ++y) {
    std::memcpy(gray.data + y * gray.row_bytes, source.data + y * source.row_bytes, bytes);
  }
}

template <int channels, class Sample>
void gray_rows(const ConstPixels& source, Gray weights, const Plane& gray) {
  with_gray(weights, [&](auto chosen) {
    for (std::int64_t y = 0; y < source.rows; ++y) {
      gray_row<chosen.value, channels>(source.row<Sample>(y), gray.row<Sample>(y), source.width);
    }
  });
}

void gray_pixels(const ConstPixels& source, Gray weights, const Plane& gray) {
  with_any_sample(source.type, [&](auto tag) {
    using Sample = typename decltype(tag)::Type;
    switch (source.channels) {
      case 1: return copy_rows(source, gray);
      case 2: return gray_rows<2, Sample>(source, weights, gray);
      case 3: return gray_rows<3, Sample>(source, weights, gray);
      default: return gray_rows<4, Sample>(source, weights, gray);
    }
  });
}
#endif

}  // namespace
}  // namespace haloedge::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace haloedge::kernels::cpu {

HWY_EXPORT(gray_pixels);

void gray(const ConstPixels& source, Gray weights, const Plane& gray) {
  HWY_DYNAMIC_DISPATCH(gray_pixels)(source, weights, gray);
}

}  // namespace haloedge::kernels::cpu
#endif

// Turns gray rows into vectors of derivatives and of sums of their squares. The file is included once for each
// instruction set, so its guard is one that Highway toggles.
#if defined(HALOEDGE_KERNELS_CPU_GRAY_ROWS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef HALOEDGE_KERNELS_CPU_GRAY_ROWS_INL
#undef HALOEDGE_KERNELS_CPU_GRAY_ROWS_INL
#else
#define HALOEDGE_KERNELS_CPU_GRAY_ROWS_INL
#endif

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "kernels/pixel.hpp"

HWY_BEFORE_NAMESPACE();
namespace haloedge::kernels::cpu::HWY_NAMESPACE {
namespace {

#if HWY_TARGET != HWY_SCALAR

namespace hn = hwy::HWY_NAMESPACE;

/// Prefetches the gray row that a kernel, which is at row `y` of `rows`, needs ten rows later, if there is one. The
/// rows of a tile lie pages apart, where the processor does not predict the next one. `gray_row(y)` is the address of
/// the last gray row that result row y needs; `bytes` of it are fetched.
template <class GrayRow>
HWY_INLINE void fetch_ahead(std::int64_t y, std::int64_t rows, std::int64_t bytes, const GrayRow& gray_row) {
  constexpr std::int64_t rows_ahead = 10;
  constexpr std::int64_t line_bytes = 64;
  if (y + rows_ahead >= rows) return;
  const std::byte* const row = gray_row(y + rows_ahead);
  for (std::int64_t i = 0; i < bytes; i += line_bytes) hwy::Prefetch(row + i);
}

/// Three gray rows, each at the column of the first result.
template <class Sample>
struct ThreeRows {
  const Sample* above;
  const Sample* middle;
  const Sample* below;

  [[nodiscard]] ThreeRows at(std::int64_t x) const { return {above + x, middle + x, below + x}; }
};

/// The values of consecutive pixels, spread over n vectors: stream k has every n-th pixel from pixel k on. A vector of
/// 8-bit samples becomes four vectors of floats, and one of 16-bit samples two. Samples are separated by masks and
/// shifts, and results are combined in the same way, so that nothing moves from lane to lane.
template <class V, std::size_t n>
struct Streams {
  static constexpr std::size_t size = n;
  V at[n];
};

// ---- derivatives: vectors of Derivative<Sample> ----

template <int weight, class D, class V = hn::Vec<D>>
HWY_INLINE V times([[maybe_unused]] D d, V v) {
  if constexpr (weight == 1) return v;
  if constexpr (weight == 2) return hn::Add(v, v);
  if constexpr (weight > 2) return hn::Mul(v, hn::Set(d, hn::TFromD<D>{weight}));
}

template <Operator op, class D, class V = hn::Vec<D>>
HWY_INLINE V smooth_vectors(D d, V first, V middle, V last) {
  using Weights = SmoothingWeights<op>;
  return hn::Add(times<Weights::side>(d, hn::Add(first, last)), times<Weights::centre>(d, middle));
}

/// The samples of one row that derivatives need. Integers: the vectors of even and odd columns, and before and after
/// them the same vectors one column to the left and to the right. Floats: the vector, and the ones that begin one
/// column to the left and to the right.
template <class D, class Sample>
struct Row {
  using V = hn::Vec<D>;
  static constexpr std::size_t size = std::is_same_v<Sample, float> ? 3 : 4;
  V at[size];

  HWY_INLINE Row(D d, const Sample* samples) {
    if constexpr (size == 3) {
      for (std::size_t i = 0; i < size; ++i) at[i] = hn::LoadU(d, samples - 1 + i);
    } else {
      const hn::Repartition<Sample, D> narrow;
      const hn::RebindToUnsigned<D> bits;
      constexpr int shift = 8 * sizeof(Sample);
      const auto ones = hn::Set(bits, hwy::LimitsMax<Sample>());
      const auto load = [&](std::int64_t x) HWY_ATTR { return hn::BitCast(bits, hn::LoadU(narrow, samples + x)); };
      const auto middle = load(0);
      at[0] = hn::BitCast(d, hn::And(load(-1), ones));
      at[1] = hn::BitCast(d, hn::And(middle, ones));
      at[2] = hn::BitCast(d, hn::ShiftRight<shift>(middle));
      at[3] = hn::BitCast(d, hn::ShiftRight<shift>(load(1)));
    }
  }
};

template <class V, std::size_t n>
struct Gradient {
  Streams<V, n> x, y;
};

/// Computes the gradient of each pixel. For integers, stream 0 has the even columns and stream 1 the odd ones.
template <Operator op, class D, class Sample, std::size_t n = Row<D, Sample>::size - 2>
HWY_INLINE Gradient<hn::Vec<D>, n> gradient(D d, const ThreeRows<Sample>& rows) {
  using V = hn::Vec<D>;
  const Row<D, Sample> above(d, rows.above);
  const Row<D, Sample> middle(d, rows.middle);
  const Row<D, Sample> below(d, rows.below);
  V smoothed[n + 2];
  V difference[n + 2];
  for (std::size_t i = 0; i < n + 2; ++i) {
    smoothed[i] = smooth_vectors<op>(d, above.at[i], middle.at[i], below.at[i]);
    difference[i] = hn::Sub(below.at[i], above.at[i]);
  }
  Gradient<V, n> g;
  for (std::size_t i = 0; i < n; ++i) {
    g.x.at[i] = hn::Sub(smoothed[i + 2], smoothed[i]);
    g.y.at[i] = smooth_vectors<op>(d, difference[i], difference[i + 1], difference[i + 2]);
  }
  return g;
}

template <class D, class Sample, std::size_t n = Row<D, Sample>::size - 2>
HWY_INLINE Streams<hn::Vec<D>, n> laplacian_size(D d, const ThreeRows<Sample>& rows) {
  const Row<D, Sample> above(d, rows.above);
  const Row<D, Sample> middle(d, rows.middle);
  const Row<D, Sample> below(d, rows.below);
  Streams<hn::Vec<D>, n> sizes;
  for (std::size_t i = 0; i < n; ++i) {
    const auto sum = hn::Add(hn::Add(above.at[i + 1], below.at[i + 1]), hn::Add(middle.at[i], middle.at[i + 2]));
    sizes.at[i] = hn::Abs(hn::Sub(sum, hn::Mul(middle.at[i + 1], hn::Set(d, hn::TFromD<D>{4}))));
  }
  return sizes;
}

// ---- values: vectors of floats, computed as in pixel.hpp ----

/// Does what direction() of pixel.hpp does, for a vector.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V direction_vector(D d, V x, V y) {
  const V zero = hn::Zero(d);
  const V ax = hn::Abs(x);
  const V ay = hn::Abs(y);
  const V longer = hn::IfThenElse(hn::Gt(ax, ay), ax, ay);
  const V shorter = hn::IfThenElse(hn::Gt(ax, ay), ay, ax);
  const V a = hn::Div(shorter, hn::IfThenElse(hn::Eq(longer, zero), hn::Set(d, 1.0F), longer));
  const V u = hn::Mul(a, a);
  V p = hn::Set(d, direction_factor(0));
  for (int i = 1; i < direction_factors; ++i) {
    p = hn::Add(hn::Mul(p, u), hn::Set(d, direction_factor(i)));
  }
  V turns = hn::Mul(p, a);
  turns = hn::IfThenElse(hn::Gt(ay, ax), hn::Sub(hn::Set(d, 0.25F), turns), turns);
  turns = hn::IfThenElse(hn::Lt(x, zero), hn::Sub(hn::Set(d, 0.5F), turns), turns);
  turns = hn::IfThenElse(hn::Lt(y, zero), hn::Sub(hn::Set(d, 1.0F), turns), turns);
  return hn::IfThenElse(hn::Ge(turns, hn::Set(d, 1.0F)), zero, turns);
}

/// Converts derivatives of even and odd columns to streams of floats.
template <class D, std::size_t n>
HWY_INLINE auto to_floats([[maybe_unused]] D d, const Streams<hn::Vec<D>, n>& v) {
  using Number = hn::TFromD<D>;
  const hn::Repartition<float, D> floats;
  const hn::Repartition<std::int32_t, D> wide;
  Streams<hn::Vec<decltype(floats)>, n * sizeof(float) / sizeof(Number)> result;
  for (std::size_t i = 0; i < n; ++i) {
    if constexpr (std::is_same_v<Number, float>) {
      result.at[i] = v.at[i];
    } else if constexpr (std::is_same_v<Number, std::int32_t>) {
      result.at[i] = hn::ConvertTo(floats, v.at[i]);
    } else {
      const auto pair = hn::BitCast(wide, v.at[i]);
      result.at[i] = hn::ConvertTo(floats, hn::ShiftRight<16>(hn::ShiftLeft<16>(pair)));
      result.at[i + n] = hn::ConvertTo(floats, hn::ShiftRight<16>(pair));
    }
  }
  return result;
}

/// Computes x * x + y * y as streams of floats.
template <class D, std::size_t n>
HWY_INLINE auto sums_of_squares(D d, const Streams<hn::Vec<D>, n>& x, const Streams<hn::Vec<D>, n>& y) {
#if HWY_ARCH_X86
  if constexpr (sizeof(hn::TFromD<D>) == 2) {
    // One instruction multiplies two pairs of 16-bit numbers and adds the products. The sums are exact, and those of
    // 8-bit images are exact in floats, too.
    const hn::Repartition<std::int32_t, D> wide;
    const hn::Repartition<float, D> floats;
    Streams<hn::Vec<decltype(floats)>, 2 * n> sums;
    const auto sum = [&](hn::Vec<D> pairs) HWY_ATTR {
      auto none = hn::Zero(wide);
      return hn::ConvertTo(floats, hn::ReorderWidenMulAccumulate(wide, pairs, pairs, hn::Zero(wide), none));
    };
    for (std::size_t i = 0; i < n; ++i) {
      const auto y_up = hn::BitCast(d, hn::ShiftLeft<16>(hn::BitCast(wide, y.at[i])));
      const auto x_down = hn::BitCast(d, hn::ShiftRight<16>(hn::BitCast(wide, x.at[i])));
      sums.at[i] = sum(hn::OddEven(y_up, x.at[i]));
      sums.at[i + n] = sum(hn::OddEven(y.at[i], x_down));
    }
    return sums;
  }
#endif
  auto sums = to_floats(d, x);
  const auto ys = to_floats(d, y);
  for (std::size_t i = 0; i < sums.size; ++i) {
    sums.at[i] = hn::Add(hn::Mul(sums.at[i], sums.at[i]), hn::Mul(ys.at[i], ys.at[i]));
  }
  return sums;
}

#endif

}  // namespace
}  // namespace haloedge::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif

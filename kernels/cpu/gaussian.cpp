// Compiled once for each instruction set, by foreach_target.h.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/gaussian.cpp"
#include <algorithm>
#include <cstring>

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/cpu/cpu.hpp"
#include "kernels/cpu/gray_rows-inl.hpp"
#include "kernels/reference/reference.hpp"

HWY_BEFORE_NAMESPACE();
namespace haloedge::kernels::cpu::HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR  // for processors without useful vectors
void blur_pixels(const GaussianWeights& weights, const std::byte* const* gray_rows, std::int64_t column,
                 const Plane& out) {
  reference::blur(weights, gray_rows, column, out);
}
#else

namespace hn = hwy::HWY_NAMESPACE;

// For each row of results, samples are first summed down the columns. These sums fit 16 bits, since the weights add up
// to 256. They are then summed along the row, in 32 bits.

/// This is subtracted from the sums of columns, so that they fit signed numbers.
constexpr std::int32_t middle_sum = 1 << 15;

/// Rectangles are filtered in vertical strips of at most this many columns, so that, for most weights, the rows stay in
/// the first-level cache.
constexpr std::int64_t max_width = 2048;

/// The weights, and the rows whose columns are summed.
struct Columns {
  const GaussianWeights& weights;
  const std::byte* const* rows;
  std::int64_t first;  ///< the first column

  [[nodiscard]] const std::uint8_t* row(std::size_t i) const {
    return reinterpret_cast<const std::uint8_t*>(rows[i]) + first;
  }
};

/// Sums the columns of `vectors` vectors of 16-bit numbers, from column x on.
template <std::size_t vectors, class D>
HWY_INLINE void sum_down(D d, const Columns& columns, std::int64_t x, std::int16_t* sums) {
  const hn::RebindToSigned<D> signed_d;
  const hn::Rebind<std::uint8_t, D> samples;
  constexpr std::size_t lanes = hn::MaxLanes(d);
  const auto load = [&](const std::uint8_t* row, std::size_t i)
                        HWY_ATTR { return hn::PromoteTo(d, hn::LoadU(samples, row + x + i * lanes)); };
  const std::size_t last = columns.weights.at.size() - 1;
  hn::Vec<D> sum[vectors];
  const auto middle_weight = hn::Set(d, columns.weights.at[last / 2]);
  for (std::size_t i = 0; i < vectors; ++i) sum[i] = hn::Mul(middle_weight, load(columns.row(last / 2), i));
  for (std::size_t j = 0; j < last / 2; ++j) {
    const auto weight = hn::Set(d, columns.weights.at[j]);
    const std::uint8_t* above = columns.row(j);
    const std::uint8_t* below = columns.row(last - j);
    for (std::size_t i = 0; i < vectors; ++i) {
      sum[i] = hn::Add(sum[i], hn::Mul(weight, hn::Add(load(above, i), load(below, i))));
    }
  }
  for (std::size_t i = 0; i < vectors; ++i) {
    const auto less = hn::Sub(sum[i], hn::Set(d, middle_sum));
    hn::StoreU(hn::BitCast(signed_d, less), signed_d, sums + x + i * lanes);
  }
}

HWY_NOINLINE void sum_columns(const Columns& columns, std::int64_t count, std::int16_t* sums) {
  const hn::ScalableTag<std::uint16_t> d;
  constexpr auto lanes = static_cast<std::int64_t>(hn::MaxLanes(d));
  if (count < lanes) {
    for (std::int64_t x = 0; x < count; ++x) {
      std::int32_t sum = -middle_sum;
      for (std::size_t j = 0; j < columns.weights.at.size(); ++j) sum += columns.weights.at[j] * columns.row(j)[x];
      sums[x] = static_cast<std::int16_t>(sum);
    }
    return;
  }
  std::int64_t x = 0;
  for (; x + 4 * lanes <= count; x += 4 * lanes) sum_down<4>(d, columns, x, sums);
  // The last vector ends with the row, so some columns are summed twice.
  for (; x < count; x += lanes) sum_down<1>(d, columns, std::min(x, count - lanes), sums);
}

/// The weights in pairs of neighbours, each pair as one number; the last weight is paired with 0.
struct WeightPairs {
  explicit WeightPairs(const GaussianWeights& weights) {
    for (std::size_t i = 0; i < weights.at.size(); i += 2) {
      at[count++] = weights.at[i] | (i + 1 < weights.at.size() ? weights.at[i + 1] << 16 : 0);
    }
  }
  std::size_t count = 0;
  std::int32_t at[max_blur_radius + 1];
};

/// Computes a vector of results from the sums of columns; `sums` begins at the leftmost column that the first result
/// depends on.
template <class D>
HWY_INLINE void sum_along(D d, const WeightPairs& pairs, const std::int16_t* sums, std::uint8_t* out) {
  const hn::Repartition<std::int32_t, D> wide;
  const hn::Rebind<std::uint8_t, D> bytes;
  constexpr auto lanes = static_cast<std::int64_t>(hn::MaxLanes(d));
  // The first columns of four vectors of results: even and odd columns, and the same of the next vector of sums.
  constexpr std::int64_t first[4] = {0, 1, lanes, lanes + 1};
  hn::Vec<decltype(wide)> part[4];
  hn::Vec<decltype(wide)> other_part[4];
  for (int i = 0; i < 4; ++i) {
    part[i] = hn::Set(wide, 256 * middle_sum + (1 << 15));
    other_part[i] = hn::Zero(wide);
  }
  // Each result is the sum of two parts. On ARM they belong to the two halves of the lanes.
  for (std::size_t j = 0; j < pairs.count; ++j) {
    const auto weights = hn::BitCast(d, hn::Set(wide, pairs.at[j]));
    for (int i = 0; i < 4; ++i) {
      const auto samples = hn::LoadU(d, sums + first[i] + 2 * static_cast<std::int64_t>(j));
      part[i] = hn::ReorderWidenMulAccumulate(wide, samples, weights, part[i], other_part[i]);
    }
  }
  for (int i = 0; i < 4; i += 2) {
    const auto even = hn::ShiftRight<16>(hn::RearrangeToOddPlusEven(part[i], other_part[i]));
    const auto odd = hn::RearrangeToOddPlusEven(part[i + 1], other_part[i + 1]);
    const auto both = hn::OddEven(hn::BitCast(d, odd), hn::BitCast(d, even));
    hn::StoreU(hn::DemoteTo(bytes, both), bytes, out + i / 2 * lanes);
  }
}

HWY_NOINLINE void sum_row(const WeightPairs& pairs, const std::int16_t* sums, std::uint8_t* out, std::int64_t width) {
  const hn::ScalableTag<std::int16_t> d;
  constexpr auto lanes = static_cast<std::int64_t>(2 * hn::MaxLanes(d));
  if (width < lanes) {
    std::uint8_t results[lanes];
    sum_along(d, pairs, sums, results);
    std::memcpy(out, results, static_cast<std::size_t>(width));
    return;
  }
  for (std::int64_t x = 0; x < width - lanes; x += lanes) sum_along(d, pairs, sums + x, out + x);
  sum_along(d, pairs, sums + width - lanes, out + width - lanes);
}

void blur_pixels(const GaussianWeights& weights, const std::byte* const* gray_rows, std::int64_t column,
                 const Plane& out) {
  const WeightPairs pairs(weights);
  const std::int64_t margin = weights.radius();
  // Vectors are loaded beyond the last sum, but these numbers are not used.
  constexpr auto beyond = static_cast<std::int64_t>(2 * hn::MaxLanes(hn::ScalableTag<std::int16_t>()) + 2);
  std::int16_t sums[max_width + 2 * max_blur_radius + beyond] = {};
  for (std::int64_t first = 0; first < out.width; first += max_width) {
    const std::int64_t width = std::min(max_width, out.width - first);
    for (std::int64_t y = 0; y < out.rows; ++y) {
      fetch_ahead(y, out.rows, width, [&](std::int64_t next) { return gray_rows[next + 2 * margin] + column + first; });
      sum_columns({weights, gray_rows + y, column + first - margin}, width + 2 * margin, sums);
      sum_row(pairs, sums, out.row<std::uint8_t>(y) + first, width);
    }
  }
}
#endif

}  // namespace
}  // namespace haloedge::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace haloedge::kernels::cpu {

HWY_EXPORT(blur_pixels);

void blur(const GaussianWeights& weights, const std::byte* const* gray_rows, std::int64_t column, const Plane& out) {
  HWY_DYNAMIC_DISPATCH(blur_pixels)(weights, gray_rows, column, out);
}

}  // namespace haloedge::kernels::cpu
#endif

// Compiled once for each instruction set, by foreach_target.h.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/canny.cpp"
#include <algorithm>
#include <cstring>
#include <type_traits>

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/cpu/cpu.hpp"
#include "kernels/cpu/gray_rows-inl.hpp"
#include "kernels/reference/reference.hpp"

HWY_BEFORE_NAMESPACE();
namespace haloedge::kernels::cpu::HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR  // for processors without useful vectors
void find_candidates(const CannyFilter& filter, const std::byte* const* gray_rows, std::int64_t column, ImageEnds ends,
                     const Plane& out) {
  reference::candidates(filter, gray_rows, column, ends, out);
}
#else

namespace hn = hwy::HWY_NAMESPACE;

using GrayRows = ThreeRows<std::uint8_t>;

/// The type that holds a magnitude exactly: the L1 norm is at most 2040, the square of the L2 norm is below 2^21.
template <Norm norm>
using Magnitude = std::conditional_t<norm == Norm::l1, std::int16_t, float>;

/// The number of vectors of magnitudes that one vector of 8-bit samples gives: see Streams.
template <Norm norm>
constexpr int streams = sizeof(Magnitude<norm>);

/// Rectangles are filtered in vertical strips of at most this many columns, so that three rows of magnitudes stay in
/// the first-level cache.
constexpr std::int64_t max_width = 2046;

/// The magnitudes of a row, with one more on either side, stored as Streams.
template <Norm norm>
class MagnitudeRow {
 public:
  /// Returns the address of the magnitude of `column`, which is -1 or more. The magnitudes of columns column + n,
  /// column + 2 * n and so on follow in memory, where n is streams<norm>.
  [[nodiscard]] Magnitude<norm>* at(std::int64_t column) { return &at_[place(column) % n][place(column) / n]; }
  [[nodiscard]] const Magnitude<norm>* at(std::int64_t column) const {
    return &at_[place(column) % n][place(column) / n];
  }

  void clear() { std::memset(at_, 0, sizeof at_); }

 private:
  static constexpr std::size_t n = streams<norm>;
  // This is longer than needed: streams that are a power of two apart would evict each other from the cache.
  static constexpr std::size_t length = (max_width + 2) / n + 64;

  static std::size_t place(std::int64_t column) { return static_cast<std::size_t>(column + 1); }

  Magnitude<norm> at_[n][length] = {};
};

/// A copy of `count` columns of gray rows, and one more on either side, with room for a whole vector.
template <class D>
class PaddedRows {
 public:
  PaddedRows(const GrayRows& rows, std::int64_t count) {
    const auto bytes = static_cast<std::size_t>(count + 2);
    std::memcpy(samples_[0], rows.above - 1, bytes);
    std::memcpy(samples_[1], rows.middle - 1, bytes);
    std::memcpy(samples_[2], rows.below - 1, bytes);
  }
  [[nodiscard]] GrayRows rows() const { return {samples_[0] + 1, samples_[1] + 1, samples_[2] + 1}; }

 private:
  std::uint8_t samples_[3][hn::MaxLanes(hn::Repartition<std::uint8_t, D>()) + 2] = {};
};

/// Calls `vector(rows, x)` for the first column x of each vector of [0, count). The last vector ends with the row; if
/// the row is shorter than a vector, `rows` is a padded copy of it.
template <class D, class Vector>
HWY_INLINE void for_vectors([[maybe_unused]] D d, const GrayRows& rows, std::int64_t count, Vector vector) {
  constexpr auto lanes = static_cast<std::int64_t>(hn::MaxLanes(hn::Repartition<std::uint8_t, D>()));
  if (count < lanes) {
    const PaddedRows<D> padded(rows, count);
    vector(padded.rows(), 0);
    return;
  }
  for (std::int64_t x = 0; x < count - lanes; x += lanes) vector(rows.at(x), x);
  vector(rows.at(count - lanes), count - lanes);
}

/// Writes the magnitudes of columns -1 to `width` to `to`.
template <Norm norm>
HWY_NOINLINE void measure_row(const GrayRows& gray, std::int64_t width, MagnitudeRow<norm>& to) {
  const hn::ScalableTag<std::int16_t> d;
  const hn::Repartition<Magnitude<norm>, decltype(d)> numbers;
  for_vectors(d, gray.at(-1), width + 2, [&](const GrayRows& rows, std::int64_t x) HWY_ATTR {
    const auto g = gradient<Operator::sobel>(d, rows);
    if constexpr (norm == Norm::l1) {
      for (int i = 0; i < 2; ++i) hn::StoreU(hn::Add(hn::Abs(g.x.at[i]), hn::Abs(g.y.at[i])), d, to.at(x - 1 + i));
    } else {
      const auto sums = sums_of_squares(d, g.x, g.y);
      for (int i = 0; i < 4; ++i) hn::StoreU(sums.at[i], numbers, to.at(x - 1 + i));
    }
  });
}

template <Norm norm>
struct Thresholds {
  Magnitude<norm> low;
  Magnitude<norm> high;
};

template <Norm norm>
struct MagnitudeRows {
  const MagnitudeRow<norm>& above;
  const MagnitudeRow<norm>& middle;
  const MagnitudeRow<norm>& below;
};

/// Converts masks of 16-bit numbers of even and odd columns to masks of magnitudes.
template <Norm norm, class D, class M = hn::Mask<D>>
HWY_INLINE auto magnitude_masks(D d, M even, M odd) {
  if constexpr (norm == Norm::l1) {
    return Streams<M, 2>{{even, odd}};
  } else {
    const hn::Repartition<std::int32_t, D> wide;
    const hn::Repartition<float, D> numbers;
    const auto pairs = [&](M mask) HWY_ATTR { return hn::BitCast(wide, hn::VecFromMask(d, mask)); };
    const auto mask = [&](hn::Vec<decltype(wide)> pair)
                          HWY_ATTR { return hn::MaskFromVec(hn::BitCast(numbers, hn::ShiftRight<16>(pair))); };
    return Streams<hn::Mask<decltype(numbers)>, 4>{{mask(hn::ShiftLeft<16>(pairs(even))),
                                                    mask(hn::ShiftLeft<16>(pairs(odd))), mask(pairs(even)),
                                                    mask(pairs(odd))}};
  }
}

/// Masks of the neighbours that a magnitude is compared with. `beside`: those to the left and right. `upright`: those
/// above and below. If neither is set, those on a diagonal, which rises to the right if `opposite` is set (the
/// derivatives have opposite signs), and falls otherwise.
template <Norm norm, class D>
struct Directions {
  using M = hn::Mask<hn::Repartition<Magnitude<norm>, D>>;
  Streams<M, streams<norm>> beside, upright, opposite;
};

template <Norm norm, class D, class G>
HWY_INLINE Directions<norm, D> directions(D d, const G& g) {
  hn::Mask<D> beside[2];
  hn::Mask<D> upright[2];
  hn::Mask<D> opposite[2];
  for (int i = 0; i < 2; ++i) {
    const auto x = hn::Abs(g.x.at[i]);
    const auto y = hn::Abs(g.y.at[i]);
    // |x| tan 22.5 degrees, rounded down. |y| is a whole number, and equals the exact product only if both are 0.
    const auto bound = hn::MulHigh(x, hn::Set(d, 2 * 13573));
    beside[i] = hn::Gt(hn::Add(bound, hn::Set(d, 1)), y);
    upright[i] = hn::Gt(y, hn::Add(bound, hn::Add(x, x)));
    opposite[i] = hn::Lt(hn::Xor(g.x.at[i], g.y.at[i]), hn::Zero(d));
  }
  return {magnitude_masks<norm>(d, beside[0], beside[1]), magnitude_masks<norm>(d, upright[0], upright[1]),
          magnitude_masks<norm>(d, opposite[0], opposite[1])};
}

/// The classes of one vector of pixels; `gray` begins at column x.
template <Norm norm, class D>
HWY_INLINE auto classes(D d, const GrayRows& gray, const MagnitudeRows<norm>& sizes, std::int64_t x,
                        const Thresholds<norm>& thresholds) {
  const hn::Repartition<std::uint8_t, D> bytes;
  const hn::Repartition<Magnitude<norm>, D> numbers;
  const hn::RebindToSigned<decltype(numbers)> bits;
  const auto low = hn::Set(numbers, thresholds.low);
  const auto load = [&](const MagnitudeRow<norm>& row, std::int64_t column)
                        HWY_ATTR { return hn::LoadU(numbers, row.at(column)); };
  auto largest = low;
  for (int i = 0; i < streams<norm>; ++i) largest = hn::Max(largest, load(sizes.middle, x + i));
  if (hn::AllFalse(numbers, hn::Gt(largest, low))) return hn::Zero(bytes);
  const auto to = directions<norm>(d, gradient<Operator::sobel>(d, gray));
  auto result = hn::Zero(bits);
  for (int i = 0; i < streams<norm>; ++i) {
    const std::int64_t at = x + i;
    const auto choose = [&](auto beside, auto upright, auto falling, auto rising) HWY_ATTR {
      const auto diagonal = hn::IfThenElse(to.opposite.at[i], rising, falling);
      return hn::IfThenElse(to.beside.at[i], beside, hn::IfThenElse(to.upright.at[i], upright, diagonal));
    };
    const auto before =
        choose(load(sizes.middle, at - 1), load(sizes.above, at), load(sizes.above, at - 1), load(sizes.above, at + 1));
    auto after =
        choose(load(sizes.middle, at + 1), load(sizes.below, at), load(sizes.below, at + 1), load(sizes.below, at - 1));
    // If two magnitudes along a row or column are equal, the first one is the maximum; on a diagonal neither is.
    const auto straight = hn::Or(to.beside.at[i], to.upright.at[i]);
    after = hn::Sub(after, hn::IfThenElseZero(straight, hn::Set(numbers, Magnitude<norm>{1})));
    const auto size = load(sizes.middle, at);
    const auto is_candidate = hn::Gt(size, hn::Max(low, hn::Max(before, after)));
    const auto is_strong = hn::Gt(size, hn::Set(numbers, thresholds.high));
    const auto in_place = [&](int value) HWY_ATTR {
      return hn::Set(bits, static_cast<hn::TFromD<decltype(bits)>>(value << (8 * i)));
    };
    const auto value =
        hn::IfThenElse(hn::RebindMask(bits, is_strong), in_place(candidate_bit | strong_bit), in_place(candidate_bit));
    result = hn::Or(result, hn::IfThenElseZero(hn::RebindMask(bits, is_candidate), value));
  }
  return hn::BitCast(bytes, result);
}

template <Norm norm>
HWY_NOINLINE void classify_row(const GrayRows& gray, const MagnitudeRows<norm>& sizes,
                               const Thresholds<norm>& thresholds, std::uint8_t* out, std::int64_t width) {
  const hn::ScalableTag<std::int16_t> d;
  const hn::Repartition<std::uint8_t, decltype(d)> bytes;
  for_vectors(d, gray, width, [&](const GrayRows& rows, std::int64_t x) HWY_ATTR {
    const auto result = classes(d, rows, sizes, x, thresholds);
    if (width >= static_cast<std::int64_t>(hn::MaxLanes(bytes))) {
      hn::StoreU(result, bytes, out + x);
    } else {
      std::uint8_t room[hn::MaxLanes(bytes)];
      hn::StoreU(result, bytes, room);
      std::memcpy(out, room, static_cast<std::size_t>(width));
    }
  });
}

/// Classifies a rectangle of at most max_width columns.
template <Norm norm>
void classify_columns(const Thresholds<norm>& thresholds, const std::byte* const* gray_rows, std::int64_t column,
                      ImageEnds ends, const Plane& out) {
  const auto gray = [&](std::int64_t y) {
    const auto row = [&](std::int64_t i) { return reinterpret_cast<const std::uint8_t*>(gray_rows[y + i]) + column; };
    return GrayRows{row(1), row(2), row(3)};
  };
  MagnitudeRow<norm> ring[3];
  const auto measured = [&](std::int64_t y) -> MagnitudeRow<norm>& { return ring[(y + 1) % 3]; };
  const auto measure = [&](std::int64_t y) {
    MagnitudeRow<norm>& row = measured(y);
    if ((y < 0 && ends.above) || (y == out.rows && ends.below)) return row.clear();
    measure_row(gray(y), out.width, row);
    if (ends.left) *row.at(-1) = 0;
    if (ends.right) *row.at(out.width) = 0;
  };
  measure(-1);
  measure(0);
  for (std::int64_t y = 0; y < out.rows; ++y) {
    fetch_ahead(y, out.rows, out.width, [&](std::int64_t next) { return gray_rows[next + 2 * canny_radius] + column; });
    measure(y + 1);
    classify_row(gray(y), MagnitudeRows<norm>{measured(y - 1), measured(y), measured(y + 1)}, thresholds,
                 out.row<std::uint8_t>(y), out.width);
  }
}

template <Norm norm>
void classify(const CannyFilter& filter, const std::byte* const* gray_rows, std::int64_t column, ImageEnds ends,
              const Plane& out) {
  // This is above all magnitudes, and exact in their type.
  constexpr std::int32_t most = norm == Norm::l1 ? 4096 : 1 << 22;
  const Thresholds<norm> thresholds{static_cast<Magnitude<norm>>(std::min(filter.low, most)),
                                    static_cast<Magnitude<norm>>(std::min(filter.high, most))};
  const std::int64_t parts = divide_up(out.width, max_width);
  for (std::int64_t i = 0; i < parts; ++i) {
    const std::int64_t first = out.width * i / parts;
    const std::int64_t last = out.width * (i + 1) / parts;
    const ImageEnds part_ends{ends.above, ends.below, ends.left && i == 0, ends.right && i == parts - 1};
    classify_columns(thresholds, gray_rows, column + first, part_ends,
                     {out.data + first, out.row_bytes, last - first, out.rows, out.type});
  }
}

void find_candidates(const CannyFilter& filter, const std::byte* const* gray_rows, std::int64_t column, ImageEnds ends,
                     const Plane& out) {
  if (filter.norm == Norm::l1) return classify<Norm::l1>(filter, gray_rows, column, ends, out);
  classify<Norm::l2>(filter, gray_rows, column, ends, out);
}
#endif

}  // namespace
}  // namespace haloedge::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace haloedge::kernels::cpu {

HWY_EXPORT(find_candidates);

void candidates(const CannyFilter& filter, const std::byte* const* gray_rows, std::int64_t column, ImageEnds ends,
                const Plane& out) {
  HWY_DYNAMIC_DISPATCH(find_candidates)(filter, gray_rows, column, ends, out);
}

}  // namespace haloedge::kernels::cpu
#endif

// The stencils of gray images whose samples are of type HALOEDGE_GRAY_SAMPLE. A .cpp file for each type includes this
// one, so that the types are compiled side by side. foreach_target.h compiles it once for each instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/stencil-inl.hpp"
#include <cstring>

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/cpu/cpu.hpp"
#include "kernels/cpu/gray_rows-inl.hpp"
#include "kernels/cpu/stencil.hpp"
#include "kernels/dispatch.hpp"
#include "kernels/pixel.hpp"
#include "kernels/reference/reference.hpp"

HWY_BEFORE_NAMESPACE();
namespace haloedge::kernels::cpu::HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR  // for processors without useful vectors
inline void filter_pixels(const EdgeFilter& filter, const std::byte* const* gray_rows, std::int64_t column,
                          const Plane& out) {
  reference::edges(filter, gray_rows, column, out);
}
#else

namespace hn = hwy::HWY_NAMESPACE;

// ---- from values to output samples ----

/// The settings by which values become output samples, copied from EdgeFilter so that loops use plain variables.
struct Finish {
  float factor;
  bool clips;
  float low;
  float high;
};

/// The range of the values that become samples, as far as it is known at compile time.
enum class Values {
  any,      ///< they may be NaN
  ordered,  ///< derivatives of integers: no NaN
  final,    ///< derivatives of integers, not negative, of the output's type, with a factor of 1
};

/// Stores the low bits of each number, as many as Out has, side by side.
template <class D, std::size_t n, class Out>
HWY_INLINE void store_integers(D d, const Streams<hn::Vec<D>, n>& r, Out* out) {
  using Number = hn::TFromD<D>;
  constexpr int bits = 8 * sizeof(Out);
  const auto first = [&](int i) HWY_ATTR { return hn::And(r.at[i], hn::Set(d, hwy::LimitsMax<Out>())); };
  const auto pair = [&](int low, int high) HWY_ATTR { return hn::Or(first(low), hn::ShiftLeft<bits>(r.at[high])); };
  auto* whole_lanes = reinterpret_cast<Number*>(out);
  if constexpr (n == 1) {
    const hn::Rebind<Out, D> narrow;
    hn::StoreU(hn::DemoteTo(narrow, first(0)), narrow, out);
  } else if constexpr (n * sizeof(Out) == sizeof(Number) && n == 2) {
    hn::StoreU(pair(0, 1), d, whole_lanes);
  } else if constexpr (n * sizeof(Out) == sizeof(Number) && n == 4) {
    const auto upper = hn::Or(hn::ShiftLeft<2 * bits>(r.at[2]), hn::ShiftLeft<3 * bits>(r.at[3]));
    hn::StoreU(hn::Or(pair(0, 1), upper), d, whole_lanes);
  } else if constexpr (n == 2) {
    const hn::Rebind<std::uint16_t, D> narrow;
    hn::StoreU(hn::DemoteTo(narrow, hn::And(pair(0, 1), hn::Set(d, 0xFFFF))), narrow,
               reinterpret_cast<std::uint16_t*>(out));
  } else {
    hn::StoreInterleaved2(pair(0, 1), pair(2, 3), d, whole_lanes);
  }
}

template <class D, std::size_t n>
HWY_INLINE void store_floats(D d, const Streams<hn::Vec<D>, n>& v, float* out) {
  if constexpr (n == 1) hn::StoreU(v.at[0], d, out);
  if constexpr (n == 2) hn::StoreInterleaved2(v.at[0], v.at[1], d, out);
  if constexpr (n == 4) hn::StoreInterleaved4(v.at[0], v.at[1], v.at[2], v.at[3], d, out);
}

/// Does what finish_float() of pixel.hpp does, for a vector.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V finish_float_vector(D d, V value, const Finish& how) {
  V cut = hn::Mul(value, hn::Set(d, how.factor));
  if (how.clips) {
    const V low = hn::Set(d, how.low);
    const V high = hn::Set(d, how.high);
    cut = hn::IfThenElse(hn::Lt(cut, low), low, cut);
    cut = hn::IfThenElse(hn::Gt(cut, high), high, cut);
  }
  return hn::IfThenElse(hn::Eq(cut, cut), cut, hn::Set(d, one_nan()));
}

/// Does what finish_integer() of pixel.hpp does, for a vector. The results are in the low bits of each number.
template <class Out, Values known, class D, class V = hn::Vec<D>>
HWY_INLINE auto finish_integer_vector(D d, V value, const Finish& how) {
  if constexpr (known != Values::final) {
    const V zero = hn::Zero(d);
    value = hn::Mul(value, hn::Set(d, how.factor));
    if constexpr (known == Values::ordered) value = hn::Max(value, zero);
    if constexpr (known == Values::any) value = hn::IfThenElseZero(hn::Gt(value, zero), value);
  }
  const V limited = hn::Min(value, hn::Set(d, static_cast<float>(hwy::LimitsMax<Out>())));
  // From 2^23 on, floats are whole numbers: the sum is rounded to one, whose low bits are the result.
  return hn::BitCast(hn::RebindToSigned<D>{}, hn::Add(limited, hn::Set(d, 8388608.0F)));
}

template <Values known, class D, std::size_t n, class Out>
HWY_INLINE void finish(D d, const Streams<hn::Vec<D>, n>& values, const Finish& how, Out* out) {
  if constexpr (std::is_same_v<Out, float>) {
    Streams<hn::Vec<D>, n> results;
    for (std::size_t i = 0; i < n; ++i) results.at[i] = finish_float_vector(d, values.at[i], how);
    store_floats(d, results, out);
  } else {
    const hn::RebindToSigned<D> integers;
    Streams<hn::Vec<decltype(integers)>, n> results;
    for (std::size_t i = 0; i < n; ++i) results.at[i] = finish_integer_vector<Out, known>(d, values.at[i], how);
    store_integers(integers, results, out);
  }
}

/// finish() for values that are derivatives or sums of derivatives.
template <Values known, class D, std::size_t n, class Out>
HWY_INLINE void finish_derivatives(D d, Streams<hn::Vec<D>, n> values, const Finish& how, Out* out) {
  if constexpr (known == Values::final) {
    for (std::size_t i = 0; i < n; ++i) values.at[i] = hn::Min(values.at[i], hn::Set(d, hwy::LimitsMax<Out>()));
    store_integers(d, values, out);
  } else {
    finish<known>(hn::Repartition<float, D>{}, to_floats(d, values), how, out);
  }
}

// ---- rows ----

template <Operator op, Value wanted, Values known, class Sample, class Out>
struct GradientFilter {
  /// Computes one vector of results.
  template <class D>
  static HWY_INLINE void vector(D d, const ThreeRows<Sample>& rows, const Finish& how, Out* out) {
    const hn::Repartition<float, D> floats;
    auto [x, y] = gradient<op>(d, rows);
    if constexpr (wanted == Value::x) {
      finish_derivatives<known>(d, x, how, out);
    } else if constexpr (wanted == Value::y) {
      finish_derivatives<known>(d, y, how, out);
    } else if constexpr (wanted == Value::l1) {
      for (std::size_t i = 0; i < x.size; ++i) x.at[i] = hn::Add(hn::Abs(x.at[i]), hn::Abs(y.at[i]));
      finish_derivatives<known>(d, x, how, out);
    } else if constexpr (wanted == Value::l2) {
      auto values = sums_of_squares(d, x, y);
      for (std::size_t i = 0; i < values.size; ++i) values.at[i] = hn::Sqrt(values.at[i]);
      finish<known>(floats, values, how, out);
    } else {
      auto values = to_floats(d, x);
      const auto ys = to_floats(d, y);
      for (std::size_t i = 0; i < values.size; ++i) values.at[i] = direction_vector(floats, values.at[i], ys.at[i]);
      finish<known>(floats, values, how, out);
    }
  }
};

template <Values known, class Sample, class Out>
struct LaplacianFilter {
  template <class D>
  static HWY_INLINE void vector(D d, const ThreeRows<Sample>& rows, const Finish& how, Out* out) {
    finish_derivatives<known>(d, laplacian_size(d, rows), how, out);
  }
};

template <class Filter, class Sample, class Out>
HWY_NOINLINE void filter_row(const ThreeRows<Sample>& rows, const Finish& how, Out* out, std::int64_t width) {
  const hn::ScalableTag<Derivative<Sample>> d;
  const hn::Repartition<Sample, decltype(d)> samples_d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(samples_d));
  if (width < lanes) {
    Sample samples[3][hn::MaxLanes(samples_d) + 2] = {};
    Out result[hn::MaxLanes(samples_d)];
    const auto bytes = static_cast<std::size_t>(width + 2) * sizeof(Sample);
    std::memcpy(samples[0], rows.above - 1, bytes);
    std::memcpy(samples[1], rows.middle - 1, bytes);
    std::memcpy(samples[2], rows.below - 1, bytes);
    Filter::vector(d, ThreeRows<Sample>{samples[0] + 1, samples[1] + 1, samples[2] + 1}, how, result);
    std::memcpy(out, result, static_cast<std::size_t>(width) * sizeof(Out));
    return;
  }
  for (std::int64_t x = 0; x < width - lanes; x += lanes) Filter::vector(d, rows.at(x), how, out + x);
  // The last vector ends with the row, so some pixels are filtered twice.
  Filter::vector(d, rows.at(width - lanes), how, out + width - lanes);
}

template <class Filter, class Sample, class Out>
void filter_rows(const EdgeFilter& filter, const std::byte* const* gray_rows, std::int64_t column, const Plane& out) {
  const bool clips = filter.clip.has_value();
  const Finish how{filter.narrow_factor(), clips, clips ? filter.clip->low : 0, clips ? filter.clip->high : 0};
  for (std::int64_t y = 0; y < out.rows; ++y) {
    constexpr auto bytes = static_cast<std::int64_t>(sizeof(Sample));
    fetch_ahead(y, out.rows, out.width * bytes,
                [&](std::int64_t next) { return gray_rows[next + 2 * stencil_radius] + column * bytes; });
    const auto row = [&](std::int64_t i) { return reinterpret_cast<const Sample*>(gray_rows[y + i]) + column; };
    filter_row<Filter>(ThreeRows<Sample>{row(0), row(1), row(2)}, how, out.row<Out>(y), out.width);
  }
}

template <Values known, class Sample, class Out>
void filter_values(const EdgeFilter& filter, const std::byte* const* gray_rows, std::int64_t column, const Plane& out) {
  with_operator(filter.op, [&](auto op) {
    if constexpr (op.value == Operator::laplacian) {
      filter_rows<LaplacianFilter<known, Sample, Out>, Sample, Out>(filter, gray_rows, column, out);
    } else {
      with_value(value_of(filter), [&](auto wanted) {
        if constexpr (known != Values::final || wanted.value == Value::l2 || wanted.value == Value::l1) {
          filter_rows<GradientFilter<op.value, wanted.value, known, Sample, Out>, Sample, Out>(filter, gray_rows,
                                                                                               column, out);
        }
      });
    }
  });
}

template <class Sample, class Out>
void filter_samples(const EdgeFilter& filter, const std::byte* const* gray_rows, std::int64_t column,
                    const Plane& out) {
  if constexpr (std::is_same_v<Sample, float>) {
    filter_values<Values::any, Sample, Out>(filter, gray_rows, column, out);
  } else {
    if constexpr (std::is_same_v<Sample, Out>) {
      if (filter.narrow_factor() == 1.0F && filter.component == Component::magnitude) {
        return filter_values<Values::final, Sample, Out>(filter, gray_rows, column, out);
      }
    }
    filter_values<Values::ordered, Sample, Out>(filter, gray_rows, column, out);
  }
}

inline void filter_pixels(const EdgeFilter& filter, const std::byte* const* gray_rows, std::int64_t column,
                          const Plane& out) {
  with_sample(filter.out_type, [&](auto to) {
    filter_samples<HALOEDGE_GRAY_SAMPLE, typename decltype(to)::Type>(filter, gray_rows, column, out);
  });
}
#endif

}  // namespace
}  // namespace haloedge::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace haloedge::kernels::cpu {

HWY_EXPORT(filter_pixels);

template <>
void edges_of<HALOEDGE_GRAY_SAMPLE>(  // NOLINT(misc-definitions-in-headers): one .cpp file has it for each type
    const EdgeFilter& filter, const std::byte* const* gray_rows, std::int64_t column, const Plane& out) {
  HWY_DYNAMIC_DISPATCH(filter_pixels)(filter, gray_rows, column, out);
}

}  // namespace haloedge::kernels::cpu
#endif

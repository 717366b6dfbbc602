// Compiled once for each instruction set, by foreach_target.h.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/openmp/stencil.cpp"
#include <cstring>

#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/dispatch.hpp"
#include "kernels/openmp/finish-inl.hpp"
#include "kernels/openmp/gradient-inl.hpp"
#include "kernels/openmp/rows.hpp"
#include "kernels/reference/reference.hpp"

HWY_BEFORE_NAMESPACE();
namespace haloedge::kernels::openmp::HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR  // a processor without vectors that are worth it
void filter_pixels(const EdgeFilter& filter, const std::byte* const* gray_rows, std::int64_t column, const Plane& out) {
  reference::edges(filter, gray_rows, column, out);
}
#else

namespace hn = hwy::HWY_NAMESPACE;

template <Operator op, Value wanted, Values known, class Sample, class Out>
struct GradientFilter {
  /// Makes as many results as a vector has samples.
  template <class D>
  static HWY_INLINE void vector(D d, const ThreeRows<Sample>& rows, const Finish& how, Out* out) {
    const hn::Repartition<float, D> floats;
    auto [x, y] = gradient<op>(d, rows);
    if constexpr (wanted == Value::x) {
      finish_derivatives<known>(d, x, how, out);
    } else if constexpr (wanted == Value::y) {
      finish_derivatives<known>(d, y, how, out);
    } else if constexpr (wanted == Value::l1) {
      for (int i = 0; i < x.size; ++i) x.at[i] = hn::Add(hn::Abs(x.at[i]), hn::Abs(y.at[i]));
      finish_derivatives<known>(d, x, how, out);
    } else if constexpr (wanted == Value::l2) {
      auto values = sums_of_squares(d, x, y);
      for (int i = 0; i < values.size; ++i) values.at[i] = hn::Sqrt(values.at[i]);
      finish<known>(floats, values, how, out);
    } else {
      auto values = to_floats(d, x);
      const auto ys = to_floats(d, y);
      for (int i = 0; i < values.size; ++i) values.at[i] = direction_vector(floats, values.at[i], ys.at[i]);
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
  // The last vector ends with the row: some pixels are done twice.
  Filter::vector(d, rows.at(width - lanes), how, out + width - lanes);
}

/// Rows of a tile lie pages apart, where the processor does not foresee the next one.
constexpr std::int64_t rows_ahead = 10;

template <class Sample>
HWY_INLINE void fetch_ahead(const std::byte* const* gray_rows, std::int64_t y, std::int64_t column, const Plane& out) {
  if (y >= out.rows) return;
  constexpr std::int64_t line_samples = 64 / sizeof(Sample);
  const auto* row = reinterpret_cast<const Sample*>(gray_rows[y + 2]) + column;
  for (std::int64_t x = 0; x < out.width; x += line_samples) hwy::Prefetch(row + x);
}

template <class Filter, class Sample, class Out>
void filter_rows(const EdgeFilter& filter, const std::byte* const* gray_rows, std::int64_t column, const Plane& out) {
  const bool clips = filter.clip.has_value();
  const Finish how{filter.factor, clips, clips ? filter.clip->low : 0, clips ? filter.clip->high : 0};
  for (std::int64_t y = 0; y < out.rows; ++y) {
    fetch_ahead<Sample>(gray_rows, y + rows_ahead, column, out);
    const auto row = [&](std::int64_t i) { return reinterpret_cast<const Sample*>(gray_rows[y + i]) + column; };
    filter_row<Filter>(ThreeRows<Sample>{row(0), row(1), row(2)}, how,
                       reinterpret_cast<Out*>(out.data + y * out.row_bytes), out.width);
  }
}

template <Values known, class Sample, class Out>
void filter_values(const EdgeFilter& filter, const std::byte* const* gray_rows, std::int64_t column, const Plane& out) {
  with_operator(filter.op, [&](auto op) {
    if constexpr (op.value == Operator::laplacian) {
      filter_rows<LaplacianFilter<known, Sample, Out>, Sample, Out>(filter, gray_rows, column, out);
    } else {
      with_value(value_of(filter), [&](auto wanted) {
        filter_rows<GradientFilter<op.value, wanted.value, known, Sample, Out>, Sample, Out>(filter, gray_rows, column,
                                                                                             out);
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
      if (filter.factor == 1.0F && filter.component == Component::magnitude) {
        return filter_values<Values::final, Sample, Out>(filter, gray_rows, column, out);
      }
    }
    filter_values<Values::ordered, Sample, Out>(filter, gray_rows, column, out);
  }
}

void filter_pixels(const EdgeFilter& filter, const std::byte* const* gray_rows, std::int64_t column, const Plane& out) {
  with_sample(filter.gray_type, [&](auto in) {
    with_sample(filter.out_type, [&](auto to) {
      filter_samples<typename decltype(in)::Type, typename decltype(to)::Type>(filter, gray_rows, column, out);
    });
  });
}
#endif

}  // namespace
}  // namespace haloedge::kernels::openmp::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace haloedge::kernels::openmp {

HWY_EXPORT(filter_pixels);

void edges(const EdgeFilter& filter, const std::byte* const* gray_rows, std::int64_t column, const Plane& out) {
  HWY_DYNAMIC_DISPATCH(filter_pixels)(filter, gray_rows, column, out);
}

}  // namespace haloedge::kernels::openmp
#endif

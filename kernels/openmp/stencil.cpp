#include "kernels/dispatch.hpp"
#include "kernels/openmp/rows.hpp"
#include "kernels/pixel.hpp"

namespace haloedge::kernels::openmp::HALOEDGE_ISA {

namespace {

/// Columns done at a time: their sums and differences stay in the first-level cache.
constexpr std::int64_t run_columns = 512;

/// The part of three gray rows around which a run of results is computed.
template <class Sample>
struct ThreeRows {
  const Sample* above;
  const Sample* middle;
  const Sample* below;
};

/// How values become output samples, taken out of EdgeFilter so that loops see plain variables.
struct Finish {
  float factor;
  bool clips;
  float low;
  float high;
};

template <class Out>
[[gnu::always_inline]] inline Out finish(float value, const Finish& how) {
  if constexpr (std::is_same_v<Out, float>) {
    return finish_float(value, how.factor, how.clips, how.low, how.high);
  } else {
    return finish_integer<Out>(value, how.factor);
  }
}

template <Value wanted>
[[gnu::always_inline]] inline float value(float x, float y) {
  if constexpr (wanted == Value::l2) return magnitude_l2(x, y);
  if constexpr (wanted == Value::l1) return magnitude_l1(x, y);
  if constexpr (wanted == Value::x) return x;
  if constexpr (wanted == Value::y) return y;
  return direction(x, y);
}

template <Operator op, Value wanted, class Sample, class Out>
void gradient_run(const ThreeRows<Sample>& rows, Out* __restrict out, std::int64_t width, const Finish& how) {
  using Number = Derivative<Sample>;
  // Element i belongs to column i - 1: one more on either side.
  Number smoothed[run_columns + 2];
  Number difference[run_columns + 2];
  const Sample* __restrict above = rows.above - 1;
  const Sample* __restrict middle = rows.middle - 1;
  const Sample* __restrict below = rows.below - 1;
#pragma omp simd
  for (std::int64_t i = 0; i < width + 2; ++i) {
    smoothed[i] =
        smooth<op>(static_cast<Number>(above[i]), static_cast<Number>(middle[i]), static_cast<Number>(below[i]));
    difference[i] = static_cast<Number>(static_cast<Number>(below[i]) - static_cast<Number>(above[i]));
  }
#pragma omp simd
  for (std::int64_t i = 0; i < width; ++i) {
    const auto x = static_cast<Number>(smoothed[i + 2] - smoothed[i]);
    const auto y = smooth<op>(difference[i], difference[i + 1], difference[i + 2]);
    out[i] = finish<Out>(value<wanted>(static_cast<float>(x), static_cast<float>(y)), how);
  }
}

template <class Sample, class Out>
void laplacian_run(const ThreeRows<Sample>& rows, Out* __restrict out, std::int64_t width, const Finish& how) {
  using Number = Derivative<Sample>;
#pragma omp simd
  for (std::int64_t i = 0; i < width; ++i) {
    const auto sum = laplacian(static_cast<Number>(rows.above[i]), static_cast<Number>(rows.middle[i - 1]),
                               static_cast<Number>(rows.middle[i]), static_cast<Number>(rows.middle[i + 1]),
                               static_cast<Number>(rows.below[i]));
    out[i] = finish<Out>(fabsf(static_cast<float>(sum)), how);
  }
}

template <class Sample, class Out, class Run>
void for_all_runs(const std::byte* const* gray_rows, std::int64_t column, const Plane& out, Run run) {
  for (std::int64_t y = 0; y < out.rows; ++y) {
    const auto row = [&](std::int64_t i) { return reinterpret_cast<const Sample*>(gray_rows[y + i]) + column; };
    auto* to = reinterpret_cast<Out*>(out.data + y * out.row_bytes);
    for (std::int64_t x = 0; x < out.width; x += run_columns) {
      const std::int64_t width = out.width - x < run_columns ? out.width - x : run_columns;
      run(ThreeRows<Sample>{row(0) + x, row(1) + x, row(2) + x}, to + x, width);
    }
  }
}

template <class Sample, class Out>
void edges_of(const EdgeFilter& filter, const std::byte* const* gray_rows, std::int64_t column, const Plane& out) {
  const bool clips = filter.clip.has_value();
  const Finish how{filter.factor, clips, clips ? filter.clip->low : 0, clips ? filter.clip->high : 0};
  with_operator(filter.op, [&](auto op) {
    if constexpr (op.value == Operator::laplacian) {
      for_all_runs<Sample, Out>(
          gray_rows, column, out,
          [&](const ThreeRows<Sample>& rows, Out* to, std::int64_t width) { laplacian_run(rows, to, width, how); });
    } else {
      with_value(value_of(filter), [&](auto wanted) {
        for_all_runs<Sample, Out>(gray_rows, column, out,
                                  [&](const ThreeRows<Sample>& rows, Out* to, std::int64_t width) {
                                    gradient_run<op.value, wanted.value>(rows, to, width, how);
                                  });
      });
    }
  });
}

}  // namespace

void edges(const EdgeFilter& filter, const std::byte* const* gray_rows, std::int64_t column, const Plane& out) {
  with_sample(filter.gray_type, [&](auto in) {
    with_sample(filter.out_type, [&](auto to) {
      edges_of<typename decltype(in)::Type, typename decltype(to)::Type>(filter, gray_rows, column, out);
    });
  });
}

}  // namespace haloedge::kernels::openmp::HALOEDGE_ISA

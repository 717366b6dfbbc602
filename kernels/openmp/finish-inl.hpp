// From values to output samples. Included once for each instruction set, so the guard is one that Highway turns over.
#if defined(HALOEDGE_KERNELS_OPENMP_FINISH_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef HALOEDGE_KERNELS_OPENMP_FINISH_INL
#undef HALOEDGE_KERNELS_OPENMP_FINISH_INL
#else
#define HALOEDGE_KERNELS_OPENMP_FINISH_INL
#endif

#include <hwy/highway.h>

#include "kernels/openmp/gradient-inl.hpp"
#include "kernels/pixel.hpp"

HWY_BEFORE_NAMESPACE();
namespace haloedge::kernels::openmp::HWY_NAMESPACE {
namespace {

#if HWY_TARGET != HWY_SCALAR

namespace hn = hwy::HWY_NAMESPACE;

/// How values become output samples, taken out of EdgeFilter so that loops see plain variables.
struct Finish {
  float factor;
  bool clips;
  float low;
  float high;
};

/// What is known of the values that are finished.
enum class Values {
  any,      ///< NaN too
  ordered,  ///< derivatives of integers: no NaN
  final,    ///< the same, not negative, of the output's type, and the factor is 1
};

/// Puts the last bits of each number, as many as Out has, side by side in memory.
template <class D, int n, class Out>
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

template <class D, int n>
HWY_INLINE void store_floats(D d, const Streams<hn::Vec<D>, n>& v, float* out) {
  if constexpr (n == 1) hn::StoreU(v.at[0], d, out);
  if constexpr (n == 2) hn::StoreInterleaved2(v.at[0], v.at[1], d, out);
  if constexpr (n == 4) hn::StoreInterleaved4(v.at[0], v.at[1], v.at[2], v.at[3], d, out);
}

/// finish_float of pixel.hpp.
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

/// finish_integer of pixel.hpp, in the last bits of each number.
template <class Out, Values known, class D, class V = hn::Vec<D>>
HWY_INLINE auto finish_integer_vector(D d, V value, const Finish& how) {
  if constexpr (known != Values::final) {
    const V zero = hn::Zero(d);
    value = hn::Mul(value, hn::Set(d, how.factor));
    if constexpr (known == Values::ordered) value = hn::Max(value, zero);
    if constexpr (known == Values::any) value = hn::IfThenElseZero(hn::Gt(value, zero), value);
  }
  const V limited = hn::Min(value, hn::Set(d, static_cast<float>(hwy::LimitsMax<Out>())));
  // From 2^23 on, floats are whole numbers: the sum is rounded to one, and its last bits are that number's.
  return hn::BitCast(hn::RebindToSigned<D>{}, hn::Add(limited, hn::Set(d, 8388608.0F)));
}

template <Values known, class D, int n, class Out>
HWY_INLINE void finish(D d, const Streams<hn::Vec<D>, n>& values, const Finish& how, Out* out) {
  if constexpr (std::is_same_v<Out, float>) {
    Streams<hn::Vec<D>, n> results;
    for (int i = 0; i < n; ++i) results.at[i] = finish_float_vector(d, values.at[i], how);
    store_floats(d, results, out);
  } else {
    const hn::RebindToSigned<D> integers;
    Streams<hn::Vec<decltype(integers)>, n> results;
    for (int i = 0; i < n; ++i) results.at[i] = finish_integer_vector<Out, known>(d, values.at[i], how);
    store_integers(integers, results, out);
  }
}

/// The same for values that are derivatives or sums of them.
template <Values known, class D, int n, class Out>
HWY_INLINE void finish_derivatives(D d, Streams<hn::Vec<D>, n> values, const Finish& how, Out* out) {
  if constexpr (known == Values::final) {
    for (int i = 0; i < n; ++i) values.at[i] = hn::Min(values.at[i], hn::Set(d, hwy::LimitsMax<Out>()));
    store_integers(d, values, out);
  } else {
    finish<known>(hn::Repartition<float, D>{}, to_floats(d, values), how, out);
  }
}

#endif

}  // namespace
}  // namespace haloedge::kernels::openmp::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif

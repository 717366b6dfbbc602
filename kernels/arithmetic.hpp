#pragma once

#include <concepts>
#include <type_traits>

// The functions are always inlined: the cpu backend compiles them for several instruction sets, and the linker must not
// use one copy for all.
#if defined(__CUDACC__)
#define HALOEDGE_DEVICE __host__ __device__
#else
#define HALOEDGE_DEVICE [[gnu::always_inline]]
#endif

namespace haloedge::kernels {

/// value / step, rounded up. Needs value >= 0 and step > 0.
template <std::integral Number>
[[nodiscard]] HALOEDGE_DEVICE inline constexpr Number divide_up(Number value, std::type_identity_t<Number> step) {
  return (value + step - 1) / step;
}

/// The first multiple of `step` that is not less than `value`. Needs value >= 0 and step > 0.
template <std::integral Number>
[[nodiscard]] HALOEDGE_DEVICE inline constexpr Number round_up(Number value, std::type_identity_t<Number> step) {
  return divide_up(value, step) * step;
}

}  // namespace haloedge::kernels

namespace haloedge {

using kernels::divide_up;
using kernels::round_up;

}  // namespace haloedge

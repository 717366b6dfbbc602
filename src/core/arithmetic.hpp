#pragma once

#include <concepts>
#include <type_traits>

namespace haloedge {

/// value / step, rounded up. Needs value >= 0 and step > 0.
template <std::integral Number>
[[nodiscard]] constexpr Number divide_up(Number value, std::type_identity_t<Number> step) {
  return (value + step - 1) / step;
}

/// The first multiple of `step` that is not less than `value`. Needs value >= 0 and step > 0.
template <std::integral Number>
[[nodiscard]] constexpr Number round_up(Number value, std::type_identity_t<Number> step) {
  return divide_up(value, step) * step;
}

}  // namespace haloedge

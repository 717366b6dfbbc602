#pragma once

// Turns choices made at run time into template arguments: each with_* function calls `body` with a
// std::integral_constant or a type tag.

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "kernels/kernels.hpp"

namespace haloedge::kernels {

template <auto value>
using Constant = std::integral_constant<decltype(value), value>;

template <class T>
struct TypeTag {
  using Type = T;
};

/// Calls body() with the type of stored samples.
template <class Body>
void with_any_sample(SampleType type, Body body) {
  switch (type) {
    case SampleType::u8: return body(TypeTag<std::uint8_t>{});
    case SampleType::u16: return body(TypeTag<std::uint16_t>{});
    case SampleType::f32: return body(TypeTag<float>{});
    case SampleType::f64: return body(TypeTag<double>{});
  }
}

/// Calls body() with one of the types that results have and devices read. Throws std::logic_error for f64.
template <class Body>
void with_sample(SampleType type, Body body) {
  switch (type) {
    case SampleType::u8: return body(TypeTag<std::uint8_t>{});
    case SampleType::u16: return body(TypeTag<std::uint16_t>{});
    case SampleType::f32: return body(TypeTag<float>{});
    case SampleType::f64: throw std::logic_error("results are not f64, and devices do not read f64");
  }
}

/// Calls body(Constant<e>{}) for the enumerator e that equals `value`, one of those from 0 to `last`.
template <auto last, class Body>
void with_enumerator(decltype(last) value, Body body) {
  [&]<std::size_t... i>(std::index_sequence<i...>) {
    ((static_cast<std::size_t>(value) == i ? body(Constant<static_cast<decltype(last)>(i)>{}) : void()), ...);
  }
  (std::make_index_sequence<static_cast<std::size_t>(last) + 1>());
}

template <class Body>
void with_gray(Gray gray, Body body) {
  with_enumerator<Gray::blue>(gray, body);
}

/// Calls body(Constant<op>{}) for an operator that is a stencil. Throws std::logic_error for Canny, which is not a
/// stencil.
template <class Body>
void with_operator(Operator op, Body body) {
  if (op == Operator::canny) throw std::logic_error("Canny is not a stencil");
  constexpr auto last = static_cast<Operator>(static_cast<int>(Operator::canny) - 1);
  with_enumerator<last>(op, body);
}

/// The number that is computed from a gradient: a norm of its magnitude, or a component.
enum class Value : std::uint8_t { l2, l1, x, y, direction };

[[nodiscard]] constexpr Value value_of(const EdgeFilter& filter) {
  switch (filter.component) {
    case Component::x: return Value::x;
    case Component::y: return Value::y;
    case Component::direction: return Value::direction;
    case Component::magnitude: break;
  }
  return filter.norm == Norm::l1 ? Value::l1 : Value::l2;
}

template <class Body>
void with_value(Value value, Body body) {
  with_enumerator<Value::direction>(value, body);
}

}  // namespace haloedge::kernels

#pragma once

// From choices made at run time to template parameters: each with_* calls `body` with a std::integral_constant or type
// tag.

#include <cstdint>
#include <stdexcept>
#include <type_traits>

#include "kernels/kernels.hpp"

namespace haloedge::kernels {

template <auto value>
using Constant = std::integral_constant<decltype(value), value>;

template <class T>
struct TypeTag {
  using Type = T;
};

template <class Body>
void with_sample(SampleType type, Body body) {
  switch (type) {
    case SampleType::u8:
      return body(TypeTag<std::uint8_t>{});
    case SampleType::u16:
      return body(TypeTag<std::uint16_t>{});
    case SampleType::f32:
      return body(TypeTag<float>{});
  }
}

template <class Body>
void with_gray(Gray gray, Body body) {
  switch (gray) {
    case Gray::bt601:
      return body(Constant<Gray::bt601>{});
    case Gray::bt709:
      return body(Constant<Gray::bt709>{});
    case Gray::mean:
      return body(Constant<Gray::mean>{});
    case Gray::red:
      return body(Constant<Gray::red>{});
    case Gray::green:
      return body(Constant<Gray::green>{});
    case Gray::blue:
      return body(Constant<Gray::blue>{});
  }
}

template <class Body>
void with_operator(Operator op, Body body) {
  switch (op) {
    case Operator::sobel:
      return body(Constant<Operator::sobel>{});
    case Operator::scharr:
      return body(Constant<Operator::scharr>{});
    case Operator::prewitt:
      return body(Constant<Operator::prewitt>{});
    case Operator::laplacian:
      return body(Constant<Operator::laplacian>{});
    case Operator::canny:
      break;
  }
  throw std::logic_error("Canny is no stencil");
}

/// What is made of a gradient: the component, and of a magnitude the norm.
enum class Value : std::uint8_t { l2, l1, x, y, direction };

[[nodiscard]] constexpr Value value_of(const EdgeFilter& filter) {
  switch (filter.component) {
    case Component::x:
      return Value::x;
    case Component::y:
      return Value::y;
    case Component::direction:
      return Value::direction;
    case Component::magnitude:
      break;
  }
  return filter.norm == Norm::l1 ? Value::l1 : Value::l2;
}

template <class Body>
void with_value(Value value, Body body) {
  switch (value) {
    case Value::l2:
      return body(Constant<Value::l2>{});
    case Value::l1:
      return body(Constant<Value::l1>{});
    case Value::x:
      return body(Constant<Value::x>{});
    case Value::y:
      return body(Constant<Value::y>{});
    case Value::direction:
      return body(Constant<Value::direction>{});
  }
}

}  // namespace haloedge::kernels

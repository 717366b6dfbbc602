#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "kernels/cuda/approximate_root.hpp"
#include "kernels/cuda/march.hpp"
#include "kernels/dispatch.hpp"

namespace haloedge::kernels::cuda {

/// Which of the kernels serves a filter: one for each sample type and number of channels, and one that the compiler
/// knows more of for what is asked for most.
struct Variant {
  enum class Kind : std::uint8_t { any, sobel_l2_bytes, sobel_l1_bytes };
  EdgeFilter filter;
  int channels = 1;
  Kind kind = Kind::any;
};

[[nodiscard]] inline Variant choose_variant(const EdgeFilter& filter, int channels) {
  Variant variant{filter, channels};
  const bool bytes = filter.gray_type == SampleType::u8 && filter.out_type == SampleType::u8;
  if (root_may_be_approximate(filter)) variant.kind = Variant::Kind::sobel_l2_bytes;
  // An infinite factor would make 0 * infinity of nothing.
  const bool usual_factor = filter.factor > 0 && !std::isinf(filter.factor);
  if (bytes && filter.op == Operator::sobel && value_of(filter) == Value::l1 && usual_factor) {
    variant.kind = Variant::Kind::sobel_l1_bytes;
  }
  return variant;
}

template <class Body>
void with_channels(int channels, Body body) {
  switch (channels) {
    case 1:
      return body(Constant<std::size_t{1}>{});
    case 2:
      return body(Constant<std::size_t{2}>{});
    case 3:
      return body(Constant<std::size_t{3}>{});
    default:
      return body(Constant<std::size_t{4}>{});
  }
}

/// Calls body(TypeTag of the sample, Constant of the channels, operator, output) with a March's template arguments.
template <class Body>
void with_variant(const Variant& variant, Body body) {
  const EdgeFilter& filter = variant.filter;
  with_channels(variant.channels, [&](auto channels) {
    using Byte = TypeTag<std::uint8_t>;
    switch (variant.kind) {
      case Variant::Kind::sobel_l2_bytes:
        return body(Byte{}, channels, Sobel{}, MagnitudeBytes<Value::l2>{filter.factor});
      case Variant::Kind::sobel_l1_bytes:
        return body(Byte{}, channels, Sobel{}, MagnitudeBytes<Value::l1>{filter.factor});
      case Variant::Kind::any:
        return with_sample(filter.gray_type,
                           [&](auto sample) { body(sample, channels, any_operator(filter.op), any_output(filter)); });
    }
  });
}

}  // namespace haloedge::kernels::cuda

#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "kernels/cuda/approximate_root.hpp"
#include "kernels/cuda/march.hpp"
#include "kernels/dispatch.hpp"

namespace haloedge::kernels::cuda {

/// The kernel that serves a filter, which is not Canny's. There is one for each sample type and number of channels, and
/// two more for what is asked for most, Sobel's magnitude as samples of the source's type: their operator and output
/// are template arguments.
struct Variant {
  enum class Kind : std::uint8_t { any, sobel_l2, sobel_l1 };
  EdgeFilter filter;
  int channels = 1;
  Kind kind = Kind::any;
};

[[nodiscard]] inline Variant choose_variant(const EdgeFilter& filter, int channels) {
  const Variant any{filter, channels};
  // An infinite factor would make 0 * infinity of nothing.
  const bool is_usual = filter.op == Operator::sobel && filter.out_type == filter.gray_type && !filter.clip &&
                        filter.factor > 0 && !std::isinf(filter.factor);
  if (!is_usual) return any;
  if (value_of(filter) == Value::l1) return {filter, channels, Variant::Kind::sobel_l1};
  const bool root_is_exact_enough = filter.gray_type != SampleType::u8 || root_may_be_approximate(filter.factor);
  return value_of(filter) == Value::l2 && root_is_exact_enough ? Variant{filter, channels, Variant::Kind::sobel_l2}
                                                               : any;
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
    with_sample(filter.gray_type, [&](auto sample) {
      using Sample = typename decltype(sample)::Type;
      switch (variant.kind) {
        case Variant::Kind::sobel_l2:
          return body(sample, channels, Sobel{}, Magnitude<Sample, Value::l2>{filter.factor});
        case Variant::Kind::sobel_l1:
          return body(sample, channels, Sobel{}, Magnitude<Sample, Value::l1>{filter.factor});
        case Variant::Kind::any:
          return body(sample, channels, any_operator(filter.op), any_output(filter));
      }
    });
  });
}

}  // namespace haloedge::kernels::cuda

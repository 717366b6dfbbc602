#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cuda/march.hpp"
#include "kernels/dispatch.hpp"

namespace haloedge::kernels::cuda {

/// The kernel for a filter that is not Canny's. There is a general one for each sample type and number of channels, and
/// two faster ones for the most frequent filters, Sobel's magnitude as samples of the source's type, whose operator and
/// output are template arguments.
struct Variant {
  enum class Kind : std::uint8_t { any, sobel_l2, sobel_l1 };
  EdgeFilter filter;
  int channels = 1;
  Kind kind = Kind::any;
};

[[nodiscard]] Variant choose_variant(const EdgeFilter& filter, int channels);

/// The largest sum of squares of Sobel's derivatives of bytes. All sums up to this one are exact in binary32.
inline constexpr std::int64_t largest_sum_of_squares = std::int64_t{2} * 1020 * 1020;

/// Returns whether approximate_root() and one fused multiply-add produce the right bytes for all sums of squares of
/// Sobel's derivatives of bytes. At each of the 255 places where the output grows by one, the sums on either side must
/// be so far from it that the root's error does not matter. `factor` is EdgeFilter::factor; returns false unless it is
/// positive and finite.
[[nodiscard]] bool root_may_be_approximate(float factor);

template <class Body>
void with_channels(int channels, Body body) {
  switch (channels) {
    case 1: return body(Constant<std::size_t{1}>{});
    case 2: return body(Constant<std::size_t{2}>{});
    case 3: return body(Constant<std::size_t{3}>{});
    default: return body(Constant<std::size_t{4}>{});
  }
}

/// Calls body(TypeTag of the sample, Constant of the channels, operator, output), whose types are March's arguments.
template <class Body>
void with_variant(const Variant& variant, Body body) {
  const EdgeFilter& filter = variant.filter;
  with_channels(variant.channels, [&](auto channels) {
    with_sample(filter.gray_type, [&](auto sample) {
      using Sample = typename decltype(sample)::Type;
      switch (variant.kind) {
        case Variant::Kind::sobel_l2:
          return body(sample, channels, Sobel{}, Magnitude<Sample, Value::l2>{filter.narrow_factor()});
        case Variant::Kind::sobel_l1:
          return body(sample, channels, Sobel{}, Magnitude<Sample, Value::l1>{filter.narrow_factor()});
        case Variant::Kind::any: return body(sample, channels, any_operator(filter.op), any_output(filter));
      }
    });
  });
}

}  // namespace haloedge::kernels::cuda

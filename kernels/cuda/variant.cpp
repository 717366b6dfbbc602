#include "kernels/cuda/variant.hpp"

#include <cmath>

#include "kernels/pixel.hpp"

namespace haloedge::kernels::cuda {

namespace {

/// PTX guarantees 2^-23 for sqrt.approx.ftz.f32; this is four times that, for safety.
constexpr double relative_error = 0x1p-21;

/// The right byte for a sum of squares.
int right_byte(std::int64_t sum_of_squares, float factor) {
  return finish_integer<std::uint8_t>(sqrtf(static_cast<float>(sum_of_squares)), factor);
}

/// The smallest sum of squares whose byte exceeds `byte`, or largest_sum_of_squares + 1.
std::int64_t first_above(int byte, float factor) {
  std::int64_t low = 0;
  std::int64_t high = largest_sum_of_squares + 1;
  while (low < high) {
    const std::int64_t middle = (low + high) / 2;
    if (right_byte(middle, factor) > byte) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

}  // namespace

bool root_may_be_approximate(float factor) {
  if (!(factor > 0) || std::isinf(factor)) return false;
  for (int byte = 0; byte < 255; ++byte) {
    const std::int64_t above = first_above(byte, factor);
    const double step = (byte + 0.5) / static_cast<double>(factor);
    const bool below_is_below = std::sqrt(static_cast<double>(above - 1)) * (1 + relative_error) < step;
    const bool above_is_above = std::sqrt(static_cast<double>(above)) * (1 - relative_error) > step;
    if (!below_is_below) return false;
    if (above <= largest_sum_of_squares && !above_is_above) return false;
  }
  return true;
}

Variant choose_variant(const EdgeFilter& filter, int channels) {
  const Variant any{filter, channels};
  // An infinite factor would make NaN of 0.
  const bool is_usual = filter.op == Operator::sobel && filter.out_type == filter.gray_type && !filter.clip &&
                        filter.narrow_factor() > 0 && !std::isinf(filter.narrow_factor());
  if (!is_usual) return any;
  if (value_of(filter) == Value::l1) return {filter, channels, Variant::Kind::sobel_l1};
  const bool root_is_exact_enough =
      filter.gray_type != SampleType::u8 || root_may_be_approximate(filter.narrow_factor());
  return value_of(filter) == Value::l2 && root_is_exact_enough ? Variant{filter, channels, Variant::Kind::sobel_l2}
                                                               : any;
}

}  // namespace haloedge::kernels::cuda

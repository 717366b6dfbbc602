#pragma once

#include <cstdint>

namespace haloedge::kernels::cuda {

/// The largest sum of squares of Sobel's derivatives of bytes. All sums up to it are exact in binary32.
inline constexpr std::int64_t largest_sum_of_squares = std::int64_t{2} * 1020 * 1020;

/// True if the bytes that approximate_root() and one fused multiply-add make of the sums of squares of Sobel's
/// derivatives of bytes are those of the numerics, for every sum. Looks at each of the 255 places where the output
/// grows by one: the sums on either side of it must be so far from it that the root's error does not matter. `factor`
/// is EdgeFilter::factor; the answer is false unless it is positive and finite.
[[nodiscard]] bool root_may_be_approximate(float factor);

}  // namespace haloedge::kernels::cuda

#pragma once

#include "kernels/kernels.hpp"

namespace haloedge::kernels::cuda {

/// True if bytes made of x and y with approximate_root() and one fused multiply-add are those of the numerics for every
/// pair of whole numbers x and y. Looks at each of the 255 places where the output grows by one: the sums of squares on
/// either side of it must be so far from it that the root's error does not matter. False for what is not Sobel's L2
/// magnitude from bytes to bytes.
[[nodiscard]] bool root_may_be_approximate(const EdgeFilter& filter);

}  // namespace haloedge::kernels::cuda

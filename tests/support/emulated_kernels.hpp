#pragma once

#include "kernels/canny.hpp"
#include "kernels/cuda/march.hpp"
#include "kernels/cuda/variant.hpp"

namespace haloedge {

/// Runs a marching kernel's own code on the host: the threads of a warp in step, and values swapped between them as on
/// a device. The launch's memory is the host's.
void run_march(const kernels::cuda::Variant& variant, const kernels::cuda::Launch& launch);

/// Runs Canny's kernel likewise, block by block and phase by phase. The threads of a block run in either order.
void run_canny(const kernels::CannyFilter& filter, int channels, const kernels::cuda::Launch& launch);

}  // namespace haloedge

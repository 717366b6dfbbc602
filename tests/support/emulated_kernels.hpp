#pragma once

#include "kernels/canny.hpp"
#include "kernels/cuda/march.hpp"
#include "kernels/cuda/variant.hpp"

namespace haloedge {

/// Runs the code of a marching kernel on the host: the threads of a warp run in lockstep and exchange values as on a
/// device. The launch's pointers point to host memory.
void run_march(const kernels::cuda::Variant& variant, const kernels::cuda::Launch& launch);

/// Runs Canny's kernel on the host, block by block and phase by phase. The threads of a block run in either order.
void run_canny(const kernels::CannyFilter& filter, int channels, const kernels::cuda::Launch& launch);

}  // namespace haloedge

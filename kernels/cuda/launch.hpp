#pragma once

#include <cstdint>

#include <cuda_runtime_api.h>

#include "kernels/canny.hpp"
#include "kernels/cuda/march.hpp"
#include "kernels/cuda/variant.hpp"

namespace haloedge::kernels::cuda {

/// Launches the kernel of `variant` in `stream`. Throws DeviceError if it does not start.
void launch_march(const Variant& variant, const Launch& launch, cudaStream_t stream);

/// Launches Canny's kernel for pixels of 1 to 4 bytes; the items of the launch are patches. Throws DeviceError if it
/// does not start.
void launch_canny(const CannyFilter& filter, int channels, const Launch& launch, cudaStream_t stream);

/// The number of threads of a variant's kernel that the current device runs at a time.
[[nodiscard]] std::int64_t threads_at_a_time(const Variant& variant);

}  // namespace haloedge::kernels::cuda

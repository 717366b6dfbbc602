#pragma once

#include <cstdint>
#include <vector>

namespace haloedge::kernels::cuda {

/// What a device makes of the sums of squares from 0 to `largest_sum` as Sobel's L2 magnitude from bytes to bytes does:
/// with its approximate root and one fused multiply-add. Throws DeviceError.
[[nodiscard]] std::vector<std::uint8_t> device_root_bytes(std::int64_t largest_sum, float factor);

/// For how many of the floats from 1 to 2^38, and 0, a device's root_of_whole() is not its sqrtf(). Throws DeviceError.
[[nodiscard]] std::int64_t device_roots_that_differ();

}  // namespace haloedge::kernels::cuda

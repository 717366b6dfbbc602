#pragma once

#include <cstdint>
#include <vector>

namespace haloedge::kernels::cuda {

/// The bytes that a device computes for the sums of squares from 0 to `largest_sum`, as for Sobel's L2 magnitude of
/// bytes: with its approximate root and one fused multiply-add. Throws DeviceError.
[[nodiscard]] std::vector<std::uint8_t> device_root_bytes(std::int64_t largest_sum, float factor);

/// Counts the floats, 0 and those from 1 to 2^38, for which a device's root_of_whole() differs from its sqrtf(). Throws
/// DeviceError.
[[nodiscard]] std::int64_t device_roots_that_differ();

}  // namespace haloedge::kernels::cuda

#pragma once

#include <cstddef>
#include <cstdint>

namespace haloedge {

// Samples of more than 8 bits have two bytes, the lower one first, and stand at even addresses. What is more than
// their bits can hold is cut.

/// The upper 8 of `bits` (9 to 16) of `count` samples, in a byte each.
void take_upper_bits(const std::byte* from, int bits, std::int64_t count, std::byte* to);

/// Cuts `count` samples to `bits`: those that are more become full scale.
void cut_samples(std::byte* samples, int bits, std::int64_t count);

/// `count` bytes of 255 or 0 as full scale, or 0, of `bits`.
void widen_edges(const std::byte* from, int bits, std::int64_t count, std::byte* to);

}  // namespace haloedge

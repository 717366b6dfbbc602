#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/kernels.hpp"

// The kernels as the definition says them, pixel by pixel: the oracle for every other backend.

namespace haloedge::kernels::reference {

/// See Backend::gray.
void gray(const ConstPixels& source, Gray weights, const Plane& gray);

/// See Backend::edges.
void edges(const EdgeFilter& filter, const std::byte* const* gray_rows, std::int64_t column, const Plane& out);

/// See Backend::near.
void near(std::uint64_t hash, std::span<const std::uint64_t> hashes, int distance, std::vector<std::uint32_t>& places);

}  // namespace haloedge::kernels::reference

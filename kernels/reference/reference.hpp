#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/canny.hpp"
#include "kernels/gaussian.hpp"
#include "kernels/kernels.hpp"

// The kernels as the definition says them, pixel by pixel: the oracle for every other backend.

namespace haloedge::kernels::reference {

/// See Backend::gray.
void gray(const ConstPixels& source, Gray weights, const Plane& gray);

/// See Backend::edges.
void edges(const EdgeFilter& filter, const std::byte* const* gray_rows, std::int64_t column, const Plane& out);

/// See Backend::blur.
void blur(const GaussianWeights& weights, const std::byte* const* gray_rows, std::int64_t column, const Plane& out);

/// See Backend::candidates.
void candidates(const CannyFilter& filter, const std::byte* const* gray_rows, std::int64_t column, ImageEnds ends,
                const Plane& out);

/// Makes a whole image's classes its edges, by a flood from strong candidates over all that touch, corners too: 255,
/// else 0.
void flood_edges(const Plane& classes);

/// See Backend::near.
void near(std::uint64_t hash, std::span<const std::uint64_t> hashes, int distance, std::vector<std::uint32_t>& places);

}  // namespace haloedge::kernels::reference

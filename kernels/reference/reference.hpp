#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/canny.hpp"
#include "kernels/gaussian.hpp"
#include "kernels/kernels.hpp"

// The kernels as they are defined, pixel by pixel: the oracle for all other backends. See Backend.

namespace haloedge::kernels::reference {

void gray(const ConstPixels& source, Gray weights, const Plane& gray);

void edges(const EdgeFilter& filter, const std::byte* const* gray_rows, std::int64_t column, const Plane& out);

void blur(const GaussianWeights& weights, const std::byte* const* gray_rows, std::int64_t column, const Plane& out);

void candidates(const CannyFilter& filter, const std::byte* const* gray_rows, std::int64_t column, ImageEnds ends,
                const Plane& out);

/// Turns the classes of a whole image into its edges, 255 or 0, by a flood fill from the strong candidates over all
/// candidates that touch, also at corners.
void flood_edges(const Plane& classes);

void near(std::uint64_t hash, std::span<const std::uint64_t> hashes, int distance, std::vector<std::uint32_t>& places);

}  // namespace haloedge::kernels::reference

#pragma once

#include "kernels/backend.hpp"
#include "kernels/bordered_plane.hpp"
#include "kernels/canny.hpp"
#include "kernels/gaussian.hpp"
#include "kernels/hysteresis.hpp"
#include "kernels/kernels.hpp"

namespace haloedge::kernels {

/// The gray of 8-bit pixels, blurred (a mirrored border, as OpenCV's), with a border of canny_radius as candidates()
/// and count_magnitudes() want it.
[[nodiscard]] BorderedPlane canny_gray(const Backend& backend, const ConstPixels& source, Gray weights,
                                       const GaussianWeights& blur);

/// Canny's edges of a whole image in memory on the calling thread, 255 or 0. `gray` is as canny_gray() makes it; `out`
/// is u8 and has its size.
void canny_map(const Backend& backend, const BorderedPlane& gray, const CannyFilter& filter, const Plane& out);

/// Upper bound of what these two hold for an image of this size beside the pixels and the edges.
[[nodiscard]] constexpr std::int64_t canny_map_bytes(std::int64_t width, std::int64_t rows, std::int64_t blur_radius) {
  const auto plane = [&](std::int64_t margin) { return (width + 2 * margin + 64) * (rows + 2 * margin); };
  return (blur_radius > 0 ? plane(blur_radius) : 0) + plane(canny_radius) + ComponentFinder::memory_bytes(width, rows);
}

}  // namespace haloedge::kernels

#pragma once

#include <optional>
#include <utility>

#include "kernels/backend.hpp"
#include "kernels/bordered_plane.hpp"
#include "kernels/canny.hpp"
#include "kernels/gaussian.hpp"
#include "kernels/hysteresis.hpp"
#include "kernels/kernels.hpp"

namespace haloedge::kernels {

/// Makes the gray of 8-bit images of one size, blurred (a mirrored border, as OpenCV's), with a border of canny_radius
/// as candidates() and count_magnitudes() want it. Keeps its memory from one image to the next. For one thread.
class CannyGray {
 public:
  /// Of `rows` times `width` pixels. `backend` must stay as long as this.
  CannyGray(const Backend& backend, std::int64_t width, std::int64_t rows, Gray weights, GaussianWeights blur);

  /// Stays until the next one is made. Does not allocate, unless the backend does.
  [[nodiscard]] const BorderedPlane& make(const ConstPixels& source);

  /// The last one made, for who makes no more.
  [[nodiscard]] BorderedPlane release() && { return std::move(gray_); }

 private:
  const Backend& backend_;
  Gray weights_;
  GaussianWeights blur_;
  std::optional<BorderedPlane> sharp_;  ///< what is blurred, if there is a blur
  BorderedPlane gray_;
};

/// The gray of one image: see CannyGray.
[[nodiscard]] BorderedPlane canny_gray(const Backend& backend, const ConstPixels& source, Gray weights,
                                       const GaussianWeights& blur);

/// Canny's edges of a whole image in memory on the calling thread, 255 or 0. `gray` is as CannyGray makes it; `out` is
/// u8 and has its size, and that of `hysteresis`.
void canny_map(const Backend& backend, const BorderedPlane& gray, const CannyFilter& filter,
               ImageHysteresis& hysteresis, const Plane& out);

/// Likewise, of one image.
void canny_map(const Backend& backend, const BorderedPlane& gray, const CannyFilter& filter, const Plane& out);

/// Upper bound of what these hold for an image of this size beside the pixels and the edges.
[[nodiscard]] constexpr std::int64_t canny_map_bytes(std::int64_t width, std::int64_t rows, std::int64_t blur_radius) {
  return (blur_radius > 0 ? BorderedPlane::memory_bytes(width, rows, SampleType::u8, blur_radius) : 0) +
         BorderedPlane::memory_bytes(width, rows, SampleType::u8, canny_radius) +
         ComponentFinder::memory_bytes(width, rows);
}

}  // namespace haloedge::kernels

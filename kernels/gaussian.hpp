#pragma once

#include <cstdint>
#include <vector>

namespace haloedge::kernels {

/// The largest sigma: beyond it, single weights are too small for units of 1/256.
inline constexpr double max_sigma = 20;

/// The radius of the Gaussian of max_sigma.
inline constexpr std::int64_t max_blur_radius = 60;

/// The symmetric weights of a Gaussian, in units of 1/256, which add up to 256. Empty: no blur.
struct GaussianWeights {
  std::vector<std::uint16_t> at{};  ///< 2 * radius() + 1 weights, radius() <= max_blur_radius

  [[nodiscard]] std::int64_t radius() const { return static_cast<std::int64_t>(at.size()) / 2; }
};

/// The weights that OpenCV's GaussianBlur has for 8-bit images with ksize (0, 0): exp(-x^2 / (2 sigma^2)) for |x| <=
/// radius, normalised, where 2 radius + 1 is 6 sigma + 1 rounded half to even and made odd. From the outside in, the
/// rounding error of one weight is added to the next, which is rounded half to even; the middle weight is what remains
/// of 256. Sigma 0 gives no weights. Throws std::invalid_argument unless 0 <= sigma <= max_sigma.
[[nodiscard]] GaussianWeights fixed_gaussian(double sigma);

}  // namespace haloedge::kernels

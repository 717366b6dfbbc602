#pragma once

#include <cstdint>
#include <vector>

namespace haloedge::kernels {

/// Of the widest Gaussian: that of most_sigma.
inline constexpr std::int64_t most_blur_radius = 60;

/// A Gaussian in whole 256ths that add up to 256, symmetric; empty: no blur.
struct GaussianWeights {
  std::vector<std::uint16_t> at{};  ///< 2 * radius() + 1 of them, radius() <= most_blur_radius

  [[nodiscard]] std::int64_t radius() const { return static_cast<std::int64_t>(at.size()) / 2; }
};

/// The most that `sigma` can be: beyond it, single weights of 1/256 are too coarse.
inline constexpr double most_sigma = 20;

/// The weights for 8-bit images, those of OpenCV's GaussianBlur with ksize (0, 0): exp(-x^2 / (2 sigma^2)) for |x| <=
/// radius, where 2 radius + 1 is 6 sigma + 1 rounded half to even and made odd; normalised; from the outside in, each
/// is rounded half to even after the rounding error of the one before was added to it, and the middle takes the rest. 0
/// <= sigma <= most_sigma; 0: no weights.
[[nodiscard]] GaussianWeights fixed_gaussian(double sigma);

}  // namespace haloedge::kernels

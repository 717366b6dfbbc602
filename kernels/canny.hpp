#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/kernels.hpp"

/// Canny's edge detector up to its hysteresis: which pixels are candidates. The same pixels as OpenCV's
/// Canny(gray, low, high, apertureSize=3, L2gradient): Sobel derivatives of 8-bit gray with a replicated border; the
/// magnitude, in whole numbers, is |x| + |y|, or for the L2 norm x^2 + y^2; outside the image it is 0. A pixel is a
/// candidate if its magnitude is above `low` and a maximum across the edge: in one of four directions, told apart at
/// tan 22.5 degrees in fixed point. J. Canny, "A Computational Approach to Edge Detection", IEEE PAMI 8 (6), 1986.
namespace haloedge::kernels {

/// Rows and columns beyond a pixel that decide whether it is a candidate: one for the derivative, one for the maximum.
inline constexpr std::int64_t canny_radius = 2;

struct CannyFilter {
  Norm norm = Norm::l1;
  // In units of the magnitude. Candidates above `high` are strong.
  std::int32_t low = 0;
  std::int32_t high = 0;
};

/// Of thresholds in gradient units, 0 <= low <= high: magnitudes are compared with their whole part, or that of their
/// square.
[[nodiscard]] CannyFilter canny_filter(Norm norm, double low, double high);

// What a pixel's class is made of.
inline constexpr std::uint8_t candidate_bit = 1;
inline constexpr std::uint8_t strong_bit = 2;  ///< never without candidate_bit

/// Beyond which sides of a rectangle the image ends.
struct ImageEnds {
  bool above = false;
  bool below = false;
  bool left = false;
  bool right = false;
};

/// How many pixels have each magnitude, rounded up to a whole number of gradient units: so that counts above a whole
/// threshold are exact for both norms.
inline constexpr std::size_t magnitude_bins = 2041;
using MagnitudeCounts = std::vector<std::int64_t>;

/// Adds a rectangle's pixels to `counts`, which has magnitude_bins. Rows and columns as for Backend::edges.
void count_magnitudes(Norm norm, const std::byte* const* gray_rows, std::int64_t column, std::int64_t width,
                      std::int64_t rows, std::span<std::int64_t> counts);

/// The least whole threshold that no more than `part` of the pixels are above; 0 <= part <= 1.
[[nodiscard]] double magnitude_quantile(std::span<const std::int64_t> counts, double part);

/// The threshold that parts magnitudes into two classes with the greatest variance between them, the least of those if
/// there are several; 0 if all magnitudes are the same. N. Otsu, "A Threshold Selection Method from Gray-Level
/// Histograms", IEEE SMC 9 (1), 1979.
[[nodiscard]] double otsu_threshold(std::span<const std::int64_t> counts);

}  // namespace haloedge::kernels

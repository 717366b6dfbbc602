#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/kernels.hpp"

/// Canny's edge detector up to its hysteresis: it finds the candidates. They are the same pixels as in OpenCV's
/// Canny(gray, low, high, apertureSize=3, L2gradient). Derivatives are Sobel's, of 8-bit gray with a replicated border.
/// The magnitude is a whole number, |x| + |y| or, for the L2 norm, x^2 + y^2; outside the image it is 0. A pixel is a
/// candidate if its magnitude is above `low` and a maximum across the edge, in one of four directions, which are
/// separated at tan 22.5 degrees in fixed point. J. Canny, "A Computational Approach to Edge Detection", IEEE PAMI 8
/// (6), 1986.
namespace haloedge::kernels {

/// The radius of the neighbourhood that decides whether a pixel is a candidate: one for the derivative, one for the
/// maximum.
inline constexpr std::int64_t canny_radius = 2;

struct CannyFilter {
  Norm norm = Norm::l1;
  // Thresholds in units of the magnitude. Candidates above `high` are strong.
  std::int32_t low = 0;
  std::int32_t high = 0;
};

/// Converts thresholds in gradient units, 0 <= low <= high, to units of the magnitude: the whole part of the threshold
/// or, for the L2 norm, of its square.
[[nodiscard]] CannyFilter canny_filter(Norm norm, double low, double high);

// The bits of a pixel's class.
inline constexpr std::uint8_t candidate_bit = 1;
inline constexpr std::uint8_t strong_bit = 2;  ///< set only together with candidate_bit

/// The sides of a rectangle where the image ends.
struct ImageEnds {
  bool above = false;
  bool below = false;
  bool left = false;
  bool right = false;
};

/// The number of bins of a histogram of magnitudes. Magnitudes are rounded up to whole gradient units, so that the
/// number of pixels above a whole threshold is exact for both norms.
inline constexpr std::size_t magnitude_bins = 2041;
/// A histogram of magnitudes: the number of pixels in each of magnitude_bins bins.
using MagnitudeCounts = std::vector<std::int64_t>;

/// Adds the pixels of a rectangle of 8-bit gray to the histogram `counts`. Rows and columns are those of
/// Backend::edges.
void count_magnitudes(Norm norm, const std::byte* const* gray_rows, std::int64_t column, std::int64_t width,
                      std::int64_t rows, std::span<std::int64_t> counts);

/// Returns the lowest whole threshold for which the fraction of pixels above it is at most `part`; 0 <= part <= 1.
[[nodiscard]] double magnitude_quantile(std::span<const std::int64_t> counts, double part);

/// Returns the threshold that separates the magnitudes into two classes with the greatest variance between them, the
/// lowest one if there are several; 0 if all magnitudes are equal. N. Otsu, "A Threshold Selection Method from
/// Gray-Level Histograms", IEEE SMC 9 (1), 1979.
[[nodiscard]] double otsu_threshold(std::span<const std::int64_t> counts);

}  // namespace haloedge::kernels

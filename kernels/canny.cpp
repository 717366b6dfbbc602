#include "kernels/canny.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace haloedge::kernels {

namespace {

/// OpenCV's limit of thresholds. No magnitude reaches it, and its square fits 32 bits.
constexpr double max_threshold = 32767;

std::int64_t sum_of(std::span<const std::int64_t> counts) {
  std::int64_t sum = 0;
  for (const std::int64_t count : counts) sum += count;
  return sum;
}

}  // namespace

CannyFilter canny_filter(Norm norm, double low, double high) {
  const auto units = [norm](double threshold) {
    const double limited = std::min(threshold, max_threshold);
    return static_cast<std::int32_t>(std::floor(norm == Norm::l2 ? limited * limited : limited));
  };
  return {norm, units(low), units(high)};
}

void count_magnitudes(Norm norm, const std::byte* const* gray_rows, std::int64_t column, std::int64_t width,
                      std::int64_t rows, std::span<std::int64_t> counts) {
  for (std::int64_t y = 0; y < rows; ++y) {
    const auto row = [&](std::int64_t i) { return reinterpret_cast<const std::uint8_t*>(gray_rows[y + i]) + column; };
    const std::uint8_t* above = row(0);
    const std::uint8_t* middle = row(1);
    const std::uint8_t* below = row(2);
    for (std::int64_t x = 0; x < width; ++x) {
      const int left = above[x - 1] + 2 * middle[x - 1] + below[x - 1];
      const int right = above[x + 1] + 2 * middle[x + 1] + below[x + 1];
      const int gx = right - left;
      const int gy = (below[x - 1] + 2 * below[x] + below[x + 1]) - (above[x - 1] + 2 * above[x] + above[x + 1]);
      // This is exact: the sum is below 2^21, and its root is either whole or far from a whole number.
      const int magnitude = norm == Norm::l1
                                ? std::abs(gx) + std::abs(gy)
                                : static_cast<int>(std::ceil(std::sqrt(static_cast<float>(gx * gx + gy * gy))));
      ++counts[static_cast<std::size_t>(magnitude)];
    }
  }
}

double magnitude_quantile(std::span<const std::int64_t> counts, double part) {
  // A product like 0.29 * 100 may be a little less than the whole number that it stands for.
  constexpr double little = 1e-6;
  const auto allowed = static_cast<std::int64_t>(part * static_cast<double>(sum_of(counts)) + little);
  std::int64_t above = 0;
  std::size_t threshold = counts.size();
  while (threshold > 1 && above + counts[threshold - 1] <= allowed) above += counts[--threshold];
  return static_cast<double>(threshold) - 1;
}

double otsu_threshold(std::span<const std::int64_t> counts) {
  const auto total = static_cast<double>(sum_of(counts));
  double total_moment = 0;
  for (std::size_t i = 0; i < counts.size(); ++i)
    total_moment += static_cast<double>(i) * static_cast<double>(counts[i]);
  double below = 0;
  double moment = 0;
  double best = 0;
  std::size_t threshold = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    below += static_cast<double>(counts[i]);
    moment += static_cast<double>(i) * static_cast<double>(counts[i]);
    const double above = total - below;
    if (below <= 0 || above <= 0) continue;
    const double distance = moment / below - (total_moment - moment) / above;
    const double between = below * above * distance * distance;
    if (between > best) {
      best = between;
      threshold = i;
    }
  }
  return static_cast<double>(threshold);
}

}  // namespace haloedge::kernels

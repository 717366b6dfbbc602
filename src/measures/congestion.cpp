#include "measures/congestion.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace haloedge {

namespace {

const std::uint8_t* row_of(const kernels::ConstPixels& features, std::int64_t y) {
  return reinterpret_cast<const std::uint8_t*>(features.data + y * features.row_bytes);
}

/// How much each of `size` samples of a line counts in all of the blurred line. All that are further than the weights'
/// radius from the line's ends have the very same number.
std::vector<double> line_totals(std::int64_t size, std::span<const float> weights) {
  const std::int64_t count = std::ssize(weights);
  const std::int64_t radius = count / 2;
  std::vector<double> sums{0.0};  // sums[i]: of the first i weights
  for (const float weight : weights) sums.push_back(sums.back() + weight);
  const auto sum_to = [&](std::int64_t end) {
    return sums[static_cast<std::size_t>(std::clamp<std::int64_t>(end, 0, count))];
  };
  std::vector<double> totals(static_cast<std::size_t>(size));
  for (std::int64_t x = 1; x < size; ++x) {
    totals[static_cast<std::size_t>(x)] = sum_to(x + radius + 1) - sum_to(x + radius + 1 - size);
  }
  // The ends stand for all that is beyond them as well.
  totals.front() = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t outputs = std::clamp<std::int64_t>(radius - i + 1, 0, size);
    totals.front() += static_cast<double>(outputs) * weights[static_cast<std::size_t>(i)];
  }
  double others = 0;
  for (std::int64_t x = 0; x + 1 < size; ++x) others += totals[static_cast<std::size_t>(x)];
  totals.back() = static_cast<double>(size) * sums.back() - others;
  return totals;
}

/// Sums of this many 8-bit samples fit into 16 bits.
constexpr std::int64_t most_rows = 65535 / 255;

}  // namespace

std::vector<float> congestion_weights(double sigma) {
  const auto radius = static_cast<std::int64_t>(std::round(5 * sigma));
  std::vector<double> exact;
  double sum = 0;
  for (std::int64_t i = -radius; i <= radius; ++i) {
    const double distance = static_cast<double>(i) / sigma;
    exact.push_back(std::exp(-0.5 * distance * distance));
    sum += exact.back();
  }
  std::vector<float> weights;
  weights.reserve(exact.size());
  for (const double weight : exact) weights.push_back(static_cast<float>(weight / sum));
  return weights;
}

double mean_congestion(const kernels::ConstPixels& features, std::span<const float> weights) {
  const auto width = static_cast<std::size_t>(features.width);
  const std::vector<double> row_totals = line_totals(features.rows, weights);
  std::vector<std::uint16_t> sums(width);
  std::vector<double> columns(width);
  for (std::int64_t y = 0; y < features.rows;) {
    const double total = row_totals[static_cast<std::size_t>(y)];
    const std::int64_t end = std::min(features.rows, y + most_rows);
    std::fill(sums.begin(), sums.end(), std::uint16_t{0});
    // Rows that count the same are added up as whole numbers.
    while (y < end && row_totals[static_cast<std::size_t>(y)] == total) {
      const std::uint8_t* row = row_of(features, y++);
      for (std::size_t x = 0; x < width; ++x) sums[x] = static_cast<std::uint16_t>(sums[x] + row[x]);
    }
    for (std::size_t x = 0; x < width; ++x) columns[x] += total * sums[x];
  }
  const std::vector<double> column_totals = line_totals(features.width, weights);
  double sum = 0;
  for (std::size_t x = 0; x < width; ++x) sum += column_totals[x] * columns[x];
  return sum / (static_cast<double>(features.width) * static_cast<double>(features.rows));
}

}  // namespace haloedge

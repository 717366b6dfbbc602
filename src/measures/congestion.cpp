#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>

#include "measures/gray_statistics.hpp"

namespace haloedge {

namespace {

/// Returns, for each of the `size` samples of a line, the sum of the weights that it has in all samples of the blurred
/// line. Samples that are further from the ends of the line than the weights' radius all have exactly the same sum.
std::vector<double> line_totals(std::int64_t size, std::span<const float> weights) {
  const std::int64_t count = std::ssize(weights);
  const std::int64_t radius = count / 2;
  std::vector<double> sums{0.0};  // sums[i] is the sum of the first i weights
  for (const float weight : weights) sums.push_back(sums.back() + weight);
  const auto sum_to = [&](std::int64_t end) {
    return sums[static_cast<std::size_t>(std::clamp<std::int64_t>(end, 0, count))];
  };
  std::vector<double> totals(static_cast<std::size_t>(size));
  for (std::int64_t x = 1; x < size; ++x) {
    totals[static_cast<std::size_t>(x)] = sum_to(x + radius + 1) - sum_to(x + radius + 1 - size);
  }
  // The first and last samples also stand for the samples beyond the ends.
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

/// The largest number of 8-bit samples whose sum always fits 16 bits.
constexpr std::int64_t max_rows = 65535 / 255;

/// Two lines at the same distance from a third one, on either side.
using Pair = std::pair<const float*, const float*>;

/// Adds the weighted samples at `count` distances from each sample of a line. Adding several distances at a time keeps
/// the sums in registers.
template <std::size_t count>
void add_distances(std::int64_t width, const float* weights, const Pair* pairs, float* sums) {
  std::array<float, count> weight{};
  std::array<Pair, count> at{};
  std::copy_n(weights, count, weight.begin());
  std::copy_n(pairs, count, at.begin());
  for (std::int64_t x = 0; x < width; ++x) {
    float sum = sums[x];
    for (std::size_t i = 0; i < count; ++i) sum += weight[i] * (at[i].first[x] + at[i].second[x]);
    sums[x] = sum;
  }
}

/// Blurs a line across `pairs`, the lines at each distance from it, from 0 to the weights' radius.
void blur_line(std::int64_t width, std::span<const float> weights, std::span<const Pair> pairs, float* out) {
  const float* half = weights.data() + weights.size() / 2;
  const float* middle = pairs[0].first;
  for (std::int64_t x = 0; x < width; ++x) out[x] = half[0] * middle[x];
  constexpr std::size_t together = 2;
  std::size_t distance = 1;
  for (; distance + together <= pairs.size(); distance += together) {
    add_distances<together>(width, half + distance, pairs.data() + distance, out);
  }
  for (; distance < pairs.size(); ++distance) {
    add_distances<1>(width, half + distance, pairs.data() + distance, out);
  }
}

/// The rows of the features, blurred along x. It keeps as many of the last rows as there are weights.
class BlurredRows {
 public:
  BlurredRows(const kernels::ConstPixels& features, std::span<const float> weights)
      : features_(features),
        weights_(weights),
        radius_(std::ssize(weights) / 2),
        line_(static_cast<std::size_t>(features.width + 2 * radius_)),
        kept_(static_cast<std::size_t>(features.width * std::ssize(weights))) {
    const float* first = line_.data() + radius_;
    for (std::int64_t d = 0; d <= radius_; ++d) pairs_.emplace_back(first - d, first + d);
  }

  /// Row y; beyond the image, its first or last row.
  const float* at(std::int64_t y) {
    const std::int64_t row = std::clamp<std::int64_t>(y, 0, features_.rows - 1);
    for (; made_ <= row; ++made_) make(made_);
    return place(row);
  }

 private:
  float* place(std::int64_t row) { return kept_.data() + row % std::ssize(weights_) * features_.width; }

  void make(std::int64_t row) {
    const auto* from = features_.row<std::uint8_t>(row);
    const auto first = line_.begin() + radius_;
    std::copy_n(from, features_.width, first);
    std::fill(line_.begin(), first, static_cast<float>(from[0]));
    std::fill(first + features_.width, line_.end(), static_cast<float>(from[features_.width - 1]));
    blur_line(features_.width, weights_, pairs_, place(row));
  }

  const kernels::ConstPixels& features_;
  std::span<const float> weights_;
  std::int64_t radius_;
  std::vector<float> line_;  ///< one row with its border
  std::vector<Pair> pairs_;  ///< point into line_
  std::vector<float> kept_;
  std::int64_t made_ = 0;
};

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
    const std::int64_t end = std::min(features.rows, y + max_rows);
    std::fill(sums.begin(), sums.end(), std::uint16_t{0});
    // Rows with the same weight are added up as whole numbers.
    while (y < end && row_totals[static_cast<std::size_t>(y)] == total) {
      const std::uint8_t* row = features.row<std::uint8_t>(y++);
      for (std::size_t x = 0; x < width; ++x) sums[x] = static_cast<std::uint16_t>(sums[x] + row[x]);
    }
    for (std::size_t x = 0; x < width; ++x) columns[x] += total * sums[x];
  }
  const std::vector<double> column_totals = line_totals(features.width, weights);
  double sum = 0;
  for (std::size_t x = 0; x < width; ++x) sum += column_totals[x] * columns[x];
  return sum / (static_cast<double>(features.width) * static_cast<double>(features.rows));
}

void congestion_map(const kernels::ConstPixels& features, std::span<const float> weights, const kernels::Plane& map) {
  BlurredRows blurred(features, weights);
  std::vector<Pair> pairs(weights.size() / 2 + 1);
  for (std::int64_t y = 0; y < features.rows; ++y) {
    for (std::int64_t d = 0; d < std::ssize(pairs); ++d) {
      pairs[static_cast<std::size_t>(d)] = {blurred.at(y - d), blurred.at(y + d)};
    }
    blur_line(features.width, weights, pairs, map.row<float>(y));
  }
}

}  // namespace haloedge

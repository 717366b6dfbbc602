#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "measures/congestion.hpp"

namespace haloedge {

namespace {

/// Two lines that are equally far from a third one, on either side.
using Pair = std::pair<const float*, const float*>;

/// Adds to each sample of a line what `count` distances from it give. Several at a time: sums stay in registers.
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

/// `pairs`: the lines at each distance from the one that is blurred, 0 to the weights' radius.
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

/// The features' rows, blurred along x, of which the last ones are kept, as many as there are weights.
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

  /// Row y or, beyond the image, its first or last one.
  const float* at(std::int64_t y) {
    const std::int64_t row = std::clamp<std::int64_t>(y, 0, features_.rows - 1);
    for (; made_ <= row; ++made_) make(made_);
    return place(row);
  }

 private:
  float* place(std::int64_t row) { return kept_.data() + row % std::ssize(weights_) * features_.width; }

  void make(std::int64_t row) {
    const auto* from = reinterpret_cast<const std::uint8_t*>(features_.data + row * features_.row_bytes);
    const auto first = line_.begin() + radius_;
    std::copy_n(from, features_.width, first);
    std::fill(line_.begin(), first, static_cast<float>(from[0]));
    std::fill(first + features_.width, line_.end(), static_cast<float>(from[features_.width - 1]));
    blur_line(features_.width, weights_, pairs_, place(row));
  }

  const kernels::ConstPixels& features_;
  std::span<const float> weights_;
  std::int64_t radius_;
  std::vector<float> line_;  ///< a row with its border
  std::vector<Pair> pairs_;  ///< within line_
  std::vector<float> kept_;
  std::int64_t made_ = 0;
};

}  // namespace

void congestion_map(const kernels::ConstPixels& features, std::span<const float> weights, const kernels::Plane& map) {
  BlurredRows blurred(features, weights);
  std::vector<Pair> pairs(weights.size() / 2 + 1);
  for (std::int64_t y = 0; y < features.rows; ++y) {
    for (std::int64_t d = 0; d < std::ssize(pairs); ++d) {
      pairs[static_cast<std::size_t>(d)] = {blurred.at(y - d), blurred.at(y + d)};
    }
    blur_line(features.width, weights, pairs, reinterpret_cast<float*>(map.data + y * map.row_bytes));
  }
}

}  // namespace haloedge

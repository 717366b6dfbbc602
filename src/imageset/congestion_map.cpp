#include <algorithm>
#include <cstdint>
#include <utility>

#include "imageset/congestion.hpp"

namespace haloedge {

namespace {

using Pair = std::pair<const float*, const float*>;

/// Samples that a pass sums up at a time, in registers.
constexpr std::int64_t block = 16;

/// Blurs one line. at(distance) is a pair of pointers to the samples that are so far from the line's first one on
/// either side; from each, `width` samples are read, rounded up to whole blocks, as many are written.
template <class At>
void blur_line(std::int64_t width, std::span<const float> weights, At at, float* out) {
  const std::int64_t radius = std::ssize(weights) / 2;
  const float* half = weights.data() + radius;
  for (std::int64_t x = 0; x < width; x += block) {
    float sums[block];
    const float* middle = at(0).first + x;
    for (std::int64_t i = 0; i < block; ++i) sums[i] = half[0] * middle[i];
    for (std::int64_t d = 1; d <= radius; ++d) {
      const auto [before, after] = at(d);
      for (std::int64_t i = 0; i < block; ++i) sums[i] += half[d] * (before[x + i] + after[x + i]);
    }
    std::copy_n(sums, block, out + x);
  }
}

/// The features' rows, blurred along x, of which the last few are kept.
class BlurredRows {
 public:
  BlurredRows(const kernels::ConstPixels& features, std::span<const float> weights)
      : features_(features),
        weights_(weights),
        radius_(std::ssize(weights) / 2),
        stride_((features.width + block - 1) / block * block),
        line_(static_cast<std::size_t>(stride_ + 2 * radius_)),
        rows_(static_cast<std::size_t>(stride_ * std::ssize(weights))) {}

  [[nodiscard]] std::int64_t stride() const { return stride_; }

  /// Row y or, beyond the image, its first or last one. Rows are asked for in such an order that none comes again more
  /// than 2 * radius rows after the last one.
  const float* at(std::int64_t y) {
    const std::int64_t row = std::clamp<std::int64_t>(y, 0, features_.rows - 1);
    for (; made_ <= row; ++made_) make(made_);
    return place(row);
  }

 private:
  float* place(std::int64_t row) { return rows_.data() + row % std::ssize(weights_) * stride_; }

  void make(std::int64_t row) {
    const auto* from = reinterpret_cast<const std::uint8_t*>(features_.data + row * features_.row_bytes);
    float* first = line_.data() + radius_;
    std::copy_n(from, features_.width, first);
    std::fill(line_.begin(), line_.begin() + radius_, first[0]);
    std::fill(line_.begin() + radius_ + features_.width, line_.end(), first[features_.width - 1]);
    blur_line(
        features_.width, weights_, [&](std::int64_t d) { return Pair(first - d, first + d); }, place(row));
  }

  const kernels::ConstPixels& features_;
  std::span<const float> weights_;
  std::int64_t radius_;
  std::int64_t stride_;
  std::vector<float> line_;
  std::vector<float> rows_;
  std::int64_t made_ = 0;
};

}  // namespace

void congestion_map(const kernels::ConstPixels& features, std::span<const float> weights, const kernels::Plane& map) {
  const std::int64_t radius = std::ssize(weights) / 2;
  BlurredRows blurred(features, weights);
  std::vector<float> line(static_cast<std::size_t>(blurred.stride()));
  std::vector<Pair> around(static_cast<std::size_t>(radius + 1));
  for (std::int64_t y = 0; y < features.rows; ++y) {
    for (std::int64_t d = 0; d <= radius; ++d)
      around[static_cast<std::size_t>(d)] = {blurred.at(y - d), blurred.at(y + d)};
    blur_line(
        features.width, weights, [&](std::int64_t d) { return around[static_cast<std::size_t>(d)]; }, line.data());
    std::copy_n(line.data(), features.width, reinterpret_cast<float*>(map.data + y * map.row_bytes));
  }
}

}  // namespace haloedge

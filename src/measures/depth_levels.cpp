#include "measures/depth_levels.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <type_traits>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"
#include "measures/optimal_cuts.hpp"

namespace haloedge {

namespace {

/// Distinct depths, rising, and how many pixels have each.
struct Depths {
  std::vector<double> values;
  std::vector<std::int64_t> counts;

  void reserve(std::size_t count) {
    values.reserve(count);
    counts.reserve(count);
  }
  void add(double value, std::int64_t count) {
    values.push_back(value);
    counts.push_back(count);
  }
};

template <class Sample>
const Sample* row_of(const kernels::ConstPixels& depth, std::int64_t y) {
  return reinterpret_cast<const Sample*>(depth.data + y * depth.row_bytes);
}

/// How many values an integer may have.
template <class Sample>
constexpr std::size_t distinct = std::numeric_limits<Sample>::max() + std::size_t{1};

template <class Sample>
Depths counted(const kernels::ConstPixels& depth) {
  std::vector<std::int64_t> histogram(distinct<Sample>);
  for (std::int64_t y = 0; y < depth.rows; ++y) {
    const auto* row = row_of<Sample>(depth, y);
    for (std::int64_t x = 0; x < depth.width; ++x) ++histogram[row[x]];
  }
  Depths depths;
  for (std::size_t value = 0; value < histogram.size(); ++value) {
    if (histogram[value] > 0) depths.add(static_cast<double>(value), histogram[value]);
  }
  return depths;
}

Depths sorted(const kernels::ConstPixels& depth) {
  std::vector<float> all(static_cast<std::size_t>(depth.width * depth.rows));
  for (std::int64_t y = 0; y < depth.rows; ++y) {
    const auto* row = row_of<float>(depth, y);
    const auto* strange = std::find_if_not(row, row + depth.width, [](float value) { return std::isfinite(value); });
    if (strange != row + depth.width) {
      throw Error(fmt::format("depth is {} at row {}, column {}: it must be a finite number everywhere", *strange, y,
                              strange - row));
    }
    std::copy_n(row, depth.width, all.data() + y * depth.width);
  }
  std::sort(all.begin(), all.end());
  const std::ptrdiff_t repeated =
      std::inner_product(all.begin() + 1, all.end(), all.begin(), std::ptrdiff_t{0}, std::plus<>(), std::equal_to<>());
  Depths depths;
  depths.reserve(all.size() - static_cast<std::size_t>(repeated));
  for (auto from = all.begin(); from != all.end();) {
    const auto next = std::find_if(from, all.end(), [value = *from](float other) { return other != value; });
    depths.add(*from, next - from);
    from = next;
  }
  return depths;
}

std::uint8_t gray_of(std::size_t level, std::size_t levels) {
  if (levels == 1) return 0;
  return static_cast<std::uint8_t>(std::rint(static_cast<double>(level) * 255 / static_cast<double>(levels - 1)));
}

/// The gray of a depth's level.
template <class Sample>
class Grays {
 public:
  /// `begins`: each level's least depth.
  explicit Grays(const std::vector<Sample>& begins) : begins_(begins) {
    for (std::size_t level = 0; level < begins.size(); ++level) grays_.push_back(gray_of(level, begins.size()));
  }

  std::uint8_t operator()(Sample depth) const {
    const auto above = std::upper_bound(begins_.begin() + 1, begins_.end(), depth);
    return grays_[static_cast<std::size_t>(above - begins_.begin() - 1)];
  }

 private:
  std::vector<Sample> begins_;
  std::vector<std::uint8_t> grays_;
};

template <class Sample, class GrayOf>
void write_levels(const kernels::ConstPixels& depth, GrayOf gray, const kernels::Plane& levels) {
  for (std::int64_t y = 0; y < depth.rows; ++y) {
    const auto* row = row_of<Sample>(depth, y);
    auto* to = reinterpret_cast<std::uint8_t*>(levels.data + y * levels.row_bytes);
    for (std::int64_t x = 0; x < depth.width; ++x) to[x] = gray(row[x]);
  }
}

template <class Sample>
void cut_levels(const kernels::ConstPixels& depth, const Depths& depths, int clusters, const kernels::Plane& levels,
                const std::function<void()>& look_up) {
  const auto parts = static_cast<int>(std::min(static_cast<std::size_t>(clusters), depths.values.size()));
  std::vector<Sample> begins;
  for (const std::uint32_t place : optimal_cuts(depths.values, depths.counts, parts, look_up)) {
    begins.push_back(static_cast<Sample>(depths.values[place]));
  }
  const Grays<Sample> gray_of_depth(begins);
  if constexpr (std::is_integral_v<Sample>) {
    std::vector<std::uint8_t> table;
    for (std::size_t value = 0; value < distinct<Sample>; ++value) {
      table.push_back(gray_of_depth(static_cast<Sample>(value)));
    }
    write_levels<Sample>(
        depth, [&](Sample value) { return table[value]; }, levels);
  } else {
    write_levels<Sample>(depth, gray_of_depth, levels);
  }
}

}  // namespace

void depth_levels(const kernels::ConstPixels& depth, int clusters, const kernels::Plane& levels,
                  const std::function<void()>& look_up) {
  switch (depth.type) {
    case kernels::SampleType::u8:
      return cut_levels<std::uint8_t>(depth, counted<std::uint8_t>(depth), clusters, levels, look_up);
    case kernels::SampleType::u16:
      return cut_levels<std::uint16_t>(depth, counted<std::uint16_t>(depth), clusters, levels, look_up);
    case kernels::SampleType::f32:
      return cut_levels<float>(depth, sorted(depth), clusters, levels, look_up);
  }
}

}  // namespace haloedge

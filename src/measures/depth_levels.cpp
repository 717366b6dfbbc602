#include "measures/depth_levels.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"

namespace haloedge {

namespace {

using Place = std::uint32_t;

/// Finds the cuts with the least sum of squared distances. These are the cuts with the greatest sum of gains, because
/// the sum of the samples' own squares is the same for all cuts. The gain of a run is (sum of its samples)^2 / (number
/// of its samples).
class Cutter {
 public:
  Cutter(std::span<const double> values, std::span<const std::int64_t> counts,
         const std::function<void()>& check_cancelled)
      : check_cancelled_(check_cancelled),
        sums_(values.size() + 1),
        counts_(values.size() + 1),
        before_(values.size() + 1),
        gains_(values.size() + 1),
        crossings_before_(values.size() + 1),
        crossings_(values.size() + 1) {
    // Values near 0 lose less precision in the sums, so `middle` is subtracted. Sums of whole numbers are exact anyway.
    const double middle = values[values.size() / 2];
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto count = static_cast<double>(counts[i]);
      counts_[i + 1] = counts_[i] + count;
      sums_[i + 1] = sums_[i] + count * (values[i] - middle);
    }
  }

  /// Appends to `begins` the first place of each of the best `parts` runs of [first, end).
  void cut(Place first, Place end, int parts, std::vector<Place>& begins) {
    if (parts == 1) return begins.push_back(first);
    const int half = parts / 2;
    const Place middle = crossing(first, end, parts, half);
    cut(first, middle, half, begins);
    cut(middle, end, parts - half, begins);
  }

 private:
  [[nodiscard]] double gain(Place begin, Place end) const {
    const double sum = sums_[end] - sums_[begin];
    return sum * sum / (counts_[end] - counts_[begin]);
  }

  /// Returns the place where the first `half` of the best `parts` runs of [first, end) end.
  Place crossing(Place first, Place end, int parts, int half) {
    for (Place i = first + 1; i <= end; ++i) {
      gains_[i] = gain(first, i);
      crossings_[i] = i;
    }
    for (int runs = 2; runs <= parts; ++runs) {
      if (check_cancelled_) check_cancelled_();
      std::swap(before_, gains_);
      std::swap(crossings_before_, crossings_);
      crosses_ = runs > half;
      const auto low = first + static_cast<Place>(runs);
      const auto high = end - static_cast<Place>(parts - runs);  // room for the runs that follow
      layer(runs == parts ? end : low, high, low - 1, high - 1);
    }
    return crossings_[end];
  }

  /// Fills gains_ and crossings_ for the ends of runs from `low` to `high`. Their last cuts lie from `low_cut` to
  /// `high_cut`, and rise with the end.
  void layer(Place low, Place high, Place low_cut, Place high_cut) {
    if (low > high) return;
    const Place end = low + (high - low) / 2;
    const Place last = std::min(high_cut, end - 1);
    Place best = low_cut;
    double most = before_[best] + gain(best, end);
    for (Place cut = low_cut + 1; cut <= last; ++cut) {
      const double candidate = before_[cut] + gain(cut, end);
      if (candidate > most) {
        most = candidate;
        best = cut;
      }
    }
    gains_[end] = most;
    crossings_[end] = crosses_ ? crossings_before_[best] : end;
    layer(low, end - 1, low_cut, best);
    layer(end + 1, high, best, high_cut);
  }

  const std::function<void()>& check_cancelled_;
  std::vector<double> sums_;    ///< the sum of the samples of the first i values
  std::vector<double> counts_;  ///< the number of these samples
  std::vector<double> before_;  ///< the greatest gain of runs up to i in the layer before
  std::vector<double> gains_;
  std::vector<Place> crossings_before_;  ///< where the first half of these runs end
  std::vector<Place> crossings_;
  bool crosses_ = false;
};

/// The distinct depths, in rising order, and the number of pixels that have each of them.
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

/// The number of values of an integer type.
template <class Sample>
constexpr std::size_t distinct = std::numeric_limits<Sample>::max() + std::size_t{1};

template <class Sample>
Depths counted(const kernels::ConstPixels& depth) {
  std::vector<std::int64_t> histogram(distinct<Sample>);
  for (std::int64_t y = 0; y < depth.rows; ++y) {
    const auto* row = depth.row<Sample>(y);
    for (std::int64_t x = 0; x < depth.width; ++x) ++histogram[row[x]];
  }
  Depths depths;
  for (std::size_t value = 0; value < histogram.size(); ++value) {
    if (histogram[value] > 0) depths.add(static_cast<double>(value), histogram[value]);
  }
  return depths;
}

template <class Sample>
Depths sorted(const kernels::ConstPixels& depth) {
  std::vector<Sample> all(static_cast<std::size_t>(depth.width * depth.rows));
  for (std::int64_t y = 0; y < depth.rows; ++y) {
    const auto* row = depth.row<Sample>(y);
    const auto* strange = std::find_if_not(row, row + depth.width, [](Sample value) { return std::isfinite(value); });
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
    const auto next = std::find_if(from, all.end(), [value = *from](Sample other) { return other != value; });
    depths.add(*from, next - from);
    from = next;
  }
  return depths;
}

template <class Sample, class GrayOf>
void write_levels(const kernels::ConstPixels& depth, GrayOf gray, const kernels::Plane& levels) {
  for (std::int64_t y = 0; y < depth.rows; ++y) {
    const auto* row = depth.row<Sample>(y);
    auto* to = levels.row<std::uint8_t>(y);
    for (std::int64_t x = 0; x < depth.width; ++x) to[x] = gray(row[x]);
  }
}

template <class Sample>
void cut_levels(const kernels::ConstPixels& depth, const Depths& depths, int clusters, const kernels::Plane& levels,
                const std::function<void()>& check_cancelled) {
  const std::size_t parts = std::min(static_cast<std::size_t>(clusters), depths.values.size());
  std::vector<Sample> begins;  // the least depth of each level
  std::vector<std::uint8_t> grays;
  for (const Place place : optimal_cuts(depths.values, depths.counts, static_cast<int>(parts), check_cancelled)) {
    const double level =
        static_cast<double>(begins.size()) * 255 / static_cast<double>(std::max<std::size_t>(1, parts - 1));
    begins.push_back(static_cast<Sample>(depths.values[place]));
    grays.push_back(static_cast<std::uint8_t>(std::rint(level)));
  }
  const auto gray_of = [&](Sample value) {
    const auto above = std::upper_bound(begins.begin() + 1, begins.end(), value);
    return grays[static_cast<std::size_t>(above - begins.begin() - 1)];
  };
  if constexpr (std::is_integral_v<Sample>) {
    std::vector<std::uint8_t> table;
    for (std::size_t value = 0; value < distinct<Sample>; ++value) table.push_back(gray_of(static_cast<Sample>(value)));
    write_levels<Sample>(
        depth, [&](Sample value) { return table[value]; }, levels);
  } else {
    write_levels<Sample>(depth, gray_of, levels);
  }
}

}  // namespace

std::vector<std::uint32_t> optimal_cuts(std::span<const double> values, std::span<const std::int64_t> counts, int parts,
                                        const std::function<void()>& check_cancelled) {
  std::vector<Place> begins;
  Cutter(values, counts, check_cancelled).cut(0, static_cast<Place>(values.size()), parts, begins);
  return begins;
}

void depth_levels(const kernels::ConstPixels& depth, int clusters, const kernels::Plane& levels,
                  const std::function<void()>& check_cancelled) {
  switch (depth.type) {
    case kernels::SampleType::u8:
      return cut_levels<std::uint8_t>(depth, counted<std::uint8_t>(depth), clusters, levels, check_cancelled);
    case kernels::SampleType::u16:
      return cut_levels<std::uint16_t>(depth, counted<std::uint16_t>(depth), clusters, levels, check_cancelled);
    case kernels::SampleType::f32:
      return cut_levels<float>(depth, sorted<float>(depth), clusters, levels, check_cancelled);
    case kernels::SampleType::f64:
      return cut_levels<double>(depth, sorted<double>(depth), clusters, levels, check_cancelled);
  }
}

}  // namespace haloedge

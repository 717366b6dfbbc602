#include "measures/optimal_cuts.hpp"

#include <algorithm>
#include <utility>

namespace haloedge {

namespace {

using Place = std::uint32_t;

/// Runs of values from one place on. The least sum of squared distances is the greatest sum over the runs of (sum of
/// samples)^2 / (number of samples): the samples' own squares are the same for all cuts.
class Cutter {
 public:
  Cutter(std::span<const double> values, std::span<const std::int64_t> counts, const std::function<void()>& look_up)
      : look_up_(look_up),
        sums_(values.size() + 1),
        counts_(values.size() + 1),
        before_(values.size() + 1),
        gains_(values.size() + 1),
        crossings_before_(values.size() + 1),
        crossings_(values.size() + 1) {
    // Sums of whole numbers stay exact; others lose less if they are about 0.
    const double middle = values[values.size() / 2];
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto count = static_cast<double>(counts[i]);
      counts_[i + 1] = counts_[i] + count;
      sums_[i + 1] = sums_[i] + count * (values[i] - middle);
    }
  }

  /// Appends where the runs of [first, end) begin.
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

  /// Where the first `half` of the best `parts` runs of [first, end) end.
  Place crossing(Place first, Place end, int parts, int half) {
    for (Place i = first + 1; i <= end; ++i) {
      gains_[i] = gain(first, i);
      crossings_[i] = i;
    }
    for (int runs = 2; runs <= parts; ++runs) {
      if (look_up_) look_up_();
      std::swap(before_, gains_);
      std::swap(crossings_before_, crossings_);
      crosses_ = runs > half;
      const auto low = first + static_cast<Place>(runs);
      const auto high = end - static_cast<Place>(parts - runs);  // room for the runs that follow
      layer(runs == parts ? end : low, high, low - 1, high - 1);
    }
    return crossings_[end];
  }

  /// Fills gains_ and crossings_ for ends of runs from `low` to `high`, whose last cuts lie from `low_cut` to
  /// `high_cut`: those of greater ends are no less.
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

  const std::function<void()>& look_up_;
  std::vector<double> sums_;    ///< of the samples of the first i values
  std::vector<double> counts_;  ///< how many these are
  std::vector<double> before_;  ///< the most that runs up to i gain, of the layer before
  std::vector<double> gains_;
  std::vector<Place> crossings_before_;  ///< where the first half of those runs end
  std::vector<Place> crossings_;
  bool crosses_ = false;
};

}  // namespace

std::vector<std::uint32_t> optimal_cuts(std::span<const double> values, std::span<const std::int64_t> counts, int parts,
                                        const std::function<void()>& look_up) {
  std::vector<Place> begins;
  Cutter(values, counts, look_up).cut(0, static_cast<Place>(values.size()), parts, begins);
  return begins;
}

}  // namespace haloedge

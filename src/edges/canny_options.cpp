#include "edges/canny_options.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace haloedge {

namespace {

double threshold_value(const Threshold& threshold, std::span<const std::int64_t> counts, double automatic) {
  constexpr double per_cent = 100;
  switch (threshold.kind) {
    case Threshold::Kind::automatic:
      return automatic;
    case Threshold::Kind::quantile:
      return kernels::magnitude_quantile(counts, (per_cent - threshold.value) / per_cent);
    case Threshold::Kind::value:
      break;
  }
  return threshold.value;
}

}  // namespace

std::string threshold_text(const Threshold& threshold) {
  switch (threshold.kind) {
    case Threshold::Kind::automatic:
      return "auto";
    case Threshold::Kind::quantile:
      return fmt::format("{}%", threshold.value);
    case Threshold::Kind::value:
      break;
  }
  return fmt::format("{}", threshold.value);
}

bool needs_magnitudes(const CannyOptions& options) {
  return options.high.kind != Threshold::Kind::value || options.low.kind == Threshold::Kind::quantile;
}

std::string processor_options(const CannyOptions& options) {
  std::vector<std::string> found;
  if (options.sigma > 0) found.push_back(fmt::format("--sigma {}", options.sigma));
  if (options.low.kind == Threshold::Kind::quantile) found.push_back("--low " + threshold_text(options.low));
  if (options.high.kind != Threshold::Kind::value) found.push_back("--high " + threshold_text(options.high));
  return fmt::format("{}", fmt::join(found, ", "));
}

kernels::CannyFilter canny_filter(const CannyOptions& options, kernels::Norm norm,
                                  std::span<const std::int64_t> counts) {
  const double otsu = options.high.kind == Threshold::Kind::automatic ? kernels::otsu_threshold(counts) : 0;
  const double high = threshold_value(options.high, counts, otsu);
  const double low = threshold_value(options.low, counts, high / 2);
  return kernels::canny_filter(norm, std::min(low, high), high);
}

}  // namespace haloedge

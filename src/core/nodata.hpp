#pragma once

#include <cmath>
#include <optional>

#include "core/image.hpp"
#include "kernels/nodata.hpp"

namespace haloedge {

/// The rule for the decoded pixels of an image that are no data: those whose colours are `value`, as it is in the file,
/// or NaN, and those whose alpha is 0 if `alpha` is true.
[[nodiscard]] inline kernels::NodataRule nodata_rule(const ImageInfo& image, std::optional<double> value, bool alpha) {
  kernels::NodataRule rule{.alpha = alpha, .nan = image.is_float()};
  if (value && !std::isnan(*value)) rule.value = *value + image.zero;
  return rule;
}

}  // namespace haloedge

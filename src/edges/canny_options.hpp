#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "kernels/canny.hpp"

namespace haloedge {

/// A threshold of Canny's detector, as typed: 100, 70% or auto.
struct Threshold {
  enum class Kind : std::uint8_t {
    value,      ///< of the gradient
    quantile,   ///< per cent of the image's pixels that are not above it
    automatic,  ///< found in the image: see canny_filter()
  };
  Kind kind = Kind::value;
  double value = 0;
};

struct CannyOptions {
  Threshold low{.value = 100};
  Threshold high{.value = 200};
  double sigma = 0;  ///< of the blur before, in pixels
};

/// As it would be typed.
[[nodiscard]] std::string threshold_text(const Threshold& threshold);

/// Whether the thresholds depend on the image's histogram of magnitudes.
[[nodiscard]] bool needs_magnitudes(const CannyOptions& options);

/// The options, as typed, that a device cannot serve: a blur, and thresholds that depend on the image. Empty if there
/// are none.
[[nodiscard]] std::string processor_options(const CannyOptions& options);

/// The filter that the thresholds mean for an image with these magnitudes; `counts` may be empty if they are not
/// needed. `auto` is for --high Otsu's threshold, and for --low half of --high. A low threshold is never above the high
/// one.
[[nodiscard]] kernels::CannyFilter canny_filter(const CannyOptions& options, kernels::Norm norm,
                                                std::span<const std::int64_t> counts);

}  // namespace haloedge

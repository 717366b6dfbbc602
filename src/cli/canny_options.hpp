#pragma once

#include <span>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/options.hpp"
#include "kernels/canny.hpp"

namespace haloedge {

/// --low, --high and --sigma.
void add_canny_options(CLI::App& app, CannyOptions& options);

/// Throws UsageError for an operator and options that do not go together.
void check_canny_options(const EdgeOptions& options);

/// Whether the thresholds depend on the image's histogram of magnitudes.
[[nodiscard]] bool needs_magnitudes(const CannyOptions& options);

/// Those of the options, as typed, with which a device cannot begin: a blur, and thresholds that depend on the image.
/// Empty if there are none.
[[nodiscard]] std::string processor_options(const CannyOptions& options);

/// The filter that the thresholds mean for an image with these magnitudes; `counts` may be empty if they are not
/// needed. `auto` is for --high Otsu's threshold, and for --low half of --high. A low threshold is never above the high
/// one.
[[nodiscard]] kernels::CannyFilter canny_filter(const CannyOptions& options, kernels::Norm norm,
                                                std::span<const std::int64_t> counts);

}  // namespace haloedge

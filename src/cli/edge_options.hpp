#pragma once

#include <CLI/CLI.hpp>

#include "cli/choice.hpp"
#include "cli/options.hpp"
#include "pipeline/edge_plan.hpp"

namespace haloedge {

/// The words for the type of samples.
[[nodiscard]] Choices<kernels::SampleType> sample_types();

// Likewise.
[[nodiscard]] Choices<kernels::Gray> grays();
[[nodiscard]] Choices<kernels::Norm> norms();

/// Those that decide what edges are found in gray pixels. The group that --operator is in.
CLI::App& add_filter_options(CLI::App& app, EdgeOptions& options);

/// The options that decide an edge map's pixels and form: add_filter_options(), and more.
void add_edge_options(CLI::App& app, EdgeOptions& options);

/// Throws UsageError for options that do not go together.
void check_edge_options(const EdgeOptions& options);

/// All of them in one line, as they would be typed: equal options, equal lines.
[[nodiscard]] std::string edge_options_text(EdgeOptions options);

/// Those that are not the defaults, likewise.
[[nodiscard]] std::string chosen_edge_options_text(const EdgeOptions& options);

// As they are typed.
[[nodiscard]] std::string type_name(kernels::SampleType type);
[[nodiscard]] std::string compression_name(Compression compression);

/// What the options mean for an image of `input_type`; Canny's thresholds, which may depend on the whole image, are
/// left open: see canny_filter(). Throws Error where Canny cannot be had of such an image.
[[nodiscard]] EdgeSettings edge_settings(const EdgeOptions& options, kernels::SampleType input_type);

}  // namespace haloedge

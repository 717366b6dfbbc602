#pragma once

#include <CLI/CLI.hpp>

#include "edges/options.hpp"

namespace haloedge {

/// --low, --high and --sigma.
void add_canny_options(CLI::App& app, CannyOptions& options);

/// Throws UsageError for an operator and options that do not go together.
void check_canny_options(const EdgeOptions& options);

}  // namespace haloedge

#pragma once

#include <CLI/CLI.hpp>

#include "edges/options.hpp"

namespace haloedge {

/// Those that decide what edges are found in gray pixels. The group that --operator is in.
CLI::App& add_filter_options(CLI::App& app, EdgeOptions& options);

/// The options that decide an edge map's pixels and form: add_filter_options(), and more.
void add_edge_options(CLI::App& app, EdgeOptions& options);

/// Throws UsageError for options that do not go together.
void check_edge_options(const EdgeOptions& options);

}  // namespace haloedge

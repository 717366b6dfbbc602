#pragma once

#include <CLI/CLI.hpp>

#include "cli/options.hpp"

namespace haloedge {

void add_common_options(CLI::App& app, CommonOptions& options);

/// INPUT, --grid (of the input's files) and --page.
void add_input_options(CLI::App& app, InputSpec& input);

/// "2x3": two rows of three columns. Throws CLI::ValidationError.
[[nodiscard]] Grid parse_grid(const std::string& text);

}  // namespace haloedge

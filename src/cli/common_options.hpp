#pragma once

#include <CLI/CLI.hpp>

#include "run/options.hpp"
#include "sets/options.hpp"

namespace haloedge {

/// --threads and --memory.
void add_resource_options(CLI::App& app, CommonOptions& options);

/// --progress and --quiet.
void add_message_options(CLI::App& app, CommonOptions& options);

/// --backend, --report and --verbose.
void add_run_options(CLI::App& app, CommonOptions& options);

/// --resume, --overwrite and --time-limit.
void add_restart_options(CLI::App& app, RestartOptions& options);

/// --trace, of a command over a set.
void add_set_trace_option(CLI::App& app, CommonOptions& options);

/// INPUT..., and add_restart_options().
void add_set_options(CLI::App& app, SetOptions& options);

/// INPUT, --grid (of the input's files) and --page.
void add_input_options(CLI::App& app, InputSpec& input);

/// --write.
void add_write_option(CLI::App& app, WriteMode& mode);

/// "2x3": two rows of three columns. Throws CLI::ValidationError.
[[nodiscard]] Grid parse_grid(const std::string& text);

}  // namespace haloedge

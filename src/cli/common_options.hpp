#pragma once

#include <string>

#include "cli/option_group.hpp"
#include "run/options.hpp"
#include "source/open_source.hpp"

namespace haloedge {

enum class WriteMode : std::uint8_t;
struct SetOptions;

/// INPUT and --page.
Option add_input_options(OptionGroup group, InputSpec& input);

/// INPUT, --page and --grid, with which INPUT is a pattern of tile files. Returns INPUT.
Option add_input_with_grid(OptionGroup group, InputSpec& input);

/// --grid.
Option add_grid(OptionGroup group, Grid& grid, const std::string& help);

/// INPUT..., and add_restart_options().
void add_set_options(OptionGroup group, SetOptions& options);

/// --resume, --overwrite and --time-limit.
void add_restart_options(OptionGroup group, RestartOptions& options);

/// --write.
void add_write_option(OptionGroup group, WriteMode& mode);

/// --backend, --report and --verbose.
void add_run_options(OptionGroup group, CommonOptions& options);

/// --report.
void add_report_option(OptionGroup group, CommonOptions& options);

/// --trace of a command over a set.
void add_set_trace_option(OptionGroup group, CommonOptions& options);

/// --threads and --memory.
void add_resource_options(OptionGroup group, CommonOptions& options);

/// --progress and --quiet.
void add_message_options(OptionGroup group, CommonOptions& options);

}  // namespace haloedge

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/option_group.hpp"
#include "run/options.hpp"
#include "source/open_source.hpp"

namespace haloedge {

enum class OutputFormat : std::uint8_t;
enum class WriteMode : std::uint8_t;
struct EdgeOptions;
struct SetOptions;

/// Adds --page, --slice, --axes and --band, which need `input`, INPUT.
void add_read_options(OptionGroup group, ReadOptions& options, const Option& input);

/// Adds INPUT, whose help is `help`, and --page. Returns INPUT.
Option add_input_options(OptionGroup group, InputSpec& input, const std::string& help);

/// Adds INPUT, --page, and --grid, which makes INPUT a pattern of tile files. Returns INPUT.
Option add_input_with_grid(OptionGroup group, InputSpec& input);

/// Adds --grid. `Value` is Grid, or std::optional<Grid> for an option that need not be given.
template <class Value>
Option add_grid(OptionGroup group, Value& grid, const std::string& help);

/// Adds INPUT..., the options of add_restart_options(), and --allow-failures.
void add_set_options(OptionGroup group, SetOptions& options);

/// Adds --resume, --overwrite and --time-limit.
void add_restart_options(OptionGroup group, RestartOptions& options);

/// Adds --write.
void add_write_option(OptionGroup group, WriteMode& mode);

/// Adds --backend, --report and --verbose.
void add_run_options(OptionGroup group, CommonOptions& options);

/// Adds --report.
void add_report_option(OptionGroup group, CommonOptions& options);

/// Adds --trace of a command over a set.
void add_set_trace_option(OptionGroup group, CommonOptions& options);

/// Adds --threads and --memory.
void add_resource_options(OptionGroup group, CommonOptions& options);

/// Adds --progress and --quiet.
void add_message_options(OptionGroup group, CommonOptions& options);

/// Adds the options that decide which edges are found in gray pixels. Returns the group that --operator is in.
OptionGroup add_filter_options(OptionGroup group, EdgeOptions& options);

/// Adds the options that decide the pixels and the format of an edge map, including those of add_filter_options().
void add_edge_options(OptionGroup group, EdgeOptions& options);

/// Throws UsageError if an option was typed that has no effect with the others or for an output of this format. A
/// stream has no format.
void check_edge_options(const OptionGroup& group, const EdgeOptions& options, std::optional<OutputFormat> format);

}  // namespace haloedge

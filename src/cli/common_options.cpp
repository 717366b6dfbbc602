#include "cli/common_options.hpp"

#include <limits>
#include <regex>

#include "core/number_text.hpp"
#include "core/time_text.hpp"
#include "sets/options.hpp"
#include "sink/sink.hpp"

namespace haloedge {

namespace {

constexpr int most_threads = 1024;

std::optional<Grid> parse_grid(const std::string& text) {
  static const std::regex form("([1-9][0-9]{0,5})[xX]([1-9][0-9]{0,5})");
  std::smatch match;
  if (!std::regex_match(text, match, form)) return std::nullopt;
  return Grid{std::stoi(match[1]), std::stoi(match[2])};
}

template <class Value>
Option add_grid_to(OptionGroup group, Value& grid, const std::string& help) {
  return group.parsed("--grid", grid, parse_grid, "is not a grid: write ROWSxCOLUMNS, such as 2x3", help)
      .placeholder("RxC");
}

}  // namespace

Option add_grid(OptionGroup group, Grid& grid, const std::string& help) { return add_grid_to(group, grid, help); }

Option add_input_options(OptionGroup group, InputSpec& input) {
  const Option option =
      group.text("INPUT", input.input,
                 "a TIFF, PNG or JPEG file, file.h5:/dataset, or with --grid a quoted pattern of tile files");
  group.number("--page", input.page, 0, std::numeric_limits<int>::max(), "page of a TIFF, the first is 0");
  return option;
}

Option add_input_with_grid(OptionGroup group, InputSpec& input) {
  const Option option = add_input_options(group, input);
  add_grid_to(group, input.grid,
              "INPUT is a pattern whose files, in the order of their names, are the tiles of one image, row by row");
  return option;
}

void add_set_options(OptionGroup group, SetOptions& options) {
  group
      .texts("INPUT", options.inputs,
             "images, folders (searched through), quoted patterns, or @LIST with a path a line")
      .required();
  add_restart_options(group, options.restart);
}

void add_restart_options(OptionGroup group, RestartOptions& options) {
  OptionGroup restart = group.group("Stop and resume");
  const Option resume = restart.flag("--resume", options.resume, "go on with a run that was stopped or killed");
  restart.flag("--overwrite", options.overwrite, "begin anew and replace what is there").excludes(resume);
  restart
      .parsed("--time-limit", options.time_limit, parse_duration, "is not a time: write 55m, 1h30m or 01:30:00",
              "end in good order after this time, with exit code 75")
      .placeholder("TIME");
}

void add_write_option(OptionGroup group, WriteMode& mode) {
  group.choice("--write", mode,
               Choices<WriteMode>{
                   {"auto", WriteMode::automatic}, {"gather", WriteMode::gather}, {"parallel", WriteMode::parallel}},
               "rank 0 gathers and writes, or all ranks write into one file");
}

void add_run_options(OptionGroup group, CommonOptions& options) {
  OptionGroup run = group.group("Run");
  run.choice("--backend", options.backend,
             Choices<BackendChoice>{{"auto", BackendChoice::automatic},
                                    {"cpu", BackendChoice::cpu},
                                    {"cuda", BackendChoice::cuda},
                                    {"reference", BackendChoice::reference}},
             "what computes the pixels; the result is the same");
  add_report_option(run, options);
  run.flag("-v,--verbose", options.verbose, "print what was chosen");
}

void add_report_option(OptionGroup group, CommonOptions& options) {
  group.text("--report", options.report, "write what was done, and where the time went, as JSON").placeholder("FILE");
}

void add_set_trace_option(OptionGroup group, CommonOptions& options) {
  group
      .text("--trace", options.trace,
            "write a Chrome trace of what each thread did and waited for; it takes up to 2 KB of memory an image, "
            "which --memory does not bound")
      .placeholder("FILE");
}

void add_resource_options(OptionGroup group, CommonOptions& options) {
  OptionGroup resources = group.group("Resources");
  resources.number("--threads", options.threads, 1, most_threads, "threads per rank")
      .shown_default("this rank's part of the node's cores");
  resources
      .parsed("--memory", options.memory, parse_size, "is not a size: write 512M or 2G",
              "most memory per rank, in bytes (K, M, G, T are powers of 1024)")
      .placeholder("SIZE")
      .shown_default("this rank's part of half of the node's free memory");
}

void add_message_options(OptionGroup group, CommonOptions& options) {
  OptionGroup messages = group.group("Messages");
  messages.choice(
      "--progress", options.progress,
      Choices<ProgressMode>{{"auto", ProgressMode::automatic}, {"on", ProgressMode::on}, {"off", ProgressMode::off}},
      "a progress bar; auto: if standard error is a terminal");
  messages.flag("-q,--quiet", options.quiet, "print errors only");
}

}  // namespace haloedge

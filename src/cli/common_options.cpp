#include "cli/common_options.hpp"

#include <regex>

#include "cli/choice.hpp"
#include "core/duration_text.hpp"
#include "core/size_text.hpp"

namespace haloedge {

namespace {

constexpr int most_threads = 1024;

}  // namespace

Grid parse_grid(const std::string& text) {
  static const std::regex form("([1-9][0-9]{0,5})[xX]([1-9][0-9]{0,5})");
  std::smatch match;
  if (!std::regex_match(text, match, form)) {
    throw CLI::ValidationError("--grid", "'" + text + "' is not a grid: write ROWSxCOLUMNS, such as 2x3");
  }
  return {std::stoi(match[1]), std::stoi(match[2])};
}

void add_resource_options(CLI::App& app, CommonOptions& options) {
  CLI::App& group = *app.add_option_group("Resources");
  group.add_option("--threads", options.threads, "threads per rank")
      ->type_name("N")
      ->default_str("this rank's part of the node's cores")
      ->check(CLI::Range(1, most_threads).description(""));
  group
      .add_option_function<std::string>(
          "--memory",
          [&options](const std::string& text) {
            const auto bytes = parse_size(text);
            if (!bytes) throw CLI::ValidationError("--memory", "'" + text + "' is not a size: write 512M or 2G");
            options.memory = *bytes;
          },
          "most memory per rank, in bytes (K, M, G, T are powers of 1024)")
      ->type_name("SIZE")
      ->default_str("this rank's part of half of the node's free memory");
}

void add_message_options(CLI::App& app, CommonOptions& options) {
  CLI::App& group = *app.add_option_group("Messages");
  add_choice(
      group, "--progress", options.progress,
      Choices<ProgressMode>{{"auto", ProgressMode::automatic}, {"on", ProgressMode::on}, {"off", ProgressMode::off}},
      "a progress bar; auto: if standard error is a terminal");
  group.add_flag("-q,--quiet", options.quiet, "print errors only");
}

void add_write_option(CLI::App& app, WriteMode& mode) {
  add_choice(app, "--write", mode,
             Choices<WriteMode>{
                 {"auto", WriteMode::automatic}, {"gather", WriteMode::gather}, {"parallel", WriteMode::parallel}},
             "rank 0 gathers and writes, or all ranks write into one file");
}

void add_run_options(CLI::App& app, CommonOptions& options) {
  CLI::App& group = *app.add_option_group("Run");
  add_choice(group, "--backend", options.backend,
             Choices<BackendChoice>{{"auto", BackendChoice::automatic},
                                    {"cpu", BackendChoice::cpu},
                                    {"cuda", BackendChoice::cuda},
                                    {"reference", BackendChoice::reference}},
             "what computes the pixels; the result is the same");
  group.add_option("--report", options.report, "write what was done, and where the time went, as JSON")
      ->type_name("FILE");
  group.add_flag("-v,--verbose", options.verbose, "print what was chosen");
}

void add_restart_options(CLI::App& app, RestartOptions& options) {
  CLI::App& group = *app.add_option_group("Stop and resume");
  CLI::Option* resume = group.add_flag("--resume", options.resume, "go on with a run that was stopped or killed");
  group.add_flag("--overwrite", options.overwrite, "begin anew and replace what is there")->excludes(resume);
  group
      .add_option_function<std::string>(
          "--time-limit",
          [&options](const std::string& text) {
            const auto limit = parse_duration(text);
            if (!limit) {
              throw CLI::ValidationError("--time-limit", "'" + text + "' is not a time: write 55m, 1h30m or 01:30:00");
            }
            options.time_limit = *limit;
          },
          "end in good order after this time, with exit code 75")
      ->type_name("TIME");
}

void add_set_options(CLI::App& app, SetOptions& options) {
  app.add_option("INPUT", options.inputs,
                 "images, folders (searched through), quoted patterns, or @LIST with a path a line")
      ->required();
  add_restart_options(app, options.restart);
}

void add_set_trace_option(CLI::App& app, CommonOptions& options) {
  app.add_option("--trace", options.trace,
                 "write a Chrome trace of what each thread did and waited for; it takes up to 2 KB of memory an image, "
                 "which --memory does not bound")
      ->type_name("FILE");
}

void add_input_options(CLI::App& app, InputSpec& input) {
  app.add_option("INPUT", input.input,
                 "a TIFF, PNG or JPEG file, file.h5:/dataset, or with --grid a quoted pattern of tile files")
      ->required();
  app.add_option("--page", input.page, "page of a TIFF, the first is 0")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Validator(CLI::NonNegativeNumber).description(""));
}

}  // namespace haloedge

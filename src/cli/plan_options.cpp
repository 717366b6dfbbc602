#include "cli/plan_options.hpp"

#include <functional>
#include <regex>

#include "cli/choice.hpp"
#include "cli/common_options.hpp"
#include "cli/edge_options.hpp"
#include "core/error.hpp"
#include "core/number_text.hpp"
#include "core/rate_text.hpp"

namespace haloedge {

namespace {

constexpr int most_channels = 4;

ImageSize parse_image_size(const std::string& text) {
  static const std::regex form("([1-9][0-9]{0,9})[xX]([1-9][0-9]{0,9})");
  std::smatch match;
  if (!std::regex_match(text, match, form)) {
    throw CLI::ValidationError("--size", "'" + text + "' is not a size: write WIDTHxHEIGHT, such as 40000x30000");
  }
  return {parse_number<std::int64_t>(match[1].str()).value(), parse_number<std::int64_t>(match[2].str()).value()};
}

/// An option whose text `parse` turns into a number.
void add_number(CLI::App& group, const std::string& name, std::optional<double>& value,
                const std::function<std::optional<double>(std::string_view)>& parse, const std::string& example,
                const std::string& help) {
  group
      .add_option_function<std::string>(
          name,
          [&value, name, parse, example](const std::string& text) {
            value = parse(text);
            if (!value) throw CLI::ValidationError(name, "'" + text + "' is none: write it like " + example);
          },
          help)
      ->type_name(example);
}

CLI::Option* add_count(CLI::App& group, const std::string& name, int& value, int most, const std::string& help) {
  return group.add_option(name, value, help)->type_name("N")->check(CLI::Range(1, most).description(""));
}

void add_image_options(CLI::App& app, PlanCommand& command) {
  CLI::App& group = *app.add_option_group("Image without a file");
  CLI::Option* size = group
                          .add_option_function<std::string>(
                              "--size", [&command](const std::string& text) { command.size = parse_image_size(text); },
                              "plan for an image of this size, as a tiled TIFF, in place of INPUT")
                          ->type_name("WIDTHxHEIGHT");
  add_count(group, "--channels", command.channels, most_channels, "of it")->capture_default_str()->needs(size);
  add_choice(group, "--input-type", command.input_type, sample_types(), "of its samples")->needs(size);
}

void add_machine_options(CLI::App& app, PlanCommand& command) {
  CLI::App& group = *app.add_option_group("Machine");
  constexpr int most_ranks = 1 << 20;
  constexpr int most_cores = 4096;
  add_count(group, "--ranks", command.ranks, most_ranks, "number of ranks")->capture_default_str();
  add_count(group, "--ranks-per-node", command.ranks_per_node, most_cores, "ranks of a node")
      ->default_str("one for each --threads cores");
  add_count(group, "--cores", command.cores, most_cores, "cores of a node")->default_str("as this one has");
  group.add_option("--calibrate", command.calibrate, "take rates from the --report of a run of edges; may be repeated")
      ->type_name("FILE");
  MachineOptions& machine = command.machine;
  add_number(group, "--fs-bandwidth", machine.file_system, parse_rate, "100GB/s",
             "of the file system, for all nodes together; reading and writing");
  add_number(group, "--fs-node-bandwidth", machine.node_file_system, parse_rate, "10GB/s", "of it, for one node");
  add_number(group, "--link-bandwidth", machine.link, parse_rate, "100Gb/s", "into a node");
  add_number(group, "--link-latency", machine.latency, parse_latency, "2us", "of a message between nodes");
  add_number(group, "--launch-time", machine.launch, parse_latency, "0.5s", "that mpirun or srun takes of every job");
}

}  // namespace

void add_plan_options(CLI::App& app, PlanCommand& command) {
  add_image_options(app, command);
  add_machine_options(app, command);
  add_edge_options(app, command.edge);
  app.add_option("-o,--output", command.output, "the edge map that would be written")
      ->type_name("OUTPUT")
      ->capture_default_str();
  add_write_option(app, command.write);
  add_choice(
      app, "--format", command.format,
      Choices<PlanFormat>{{"text", PlanFormat::text}, {"json", PlanFormat::json}, {"sbatch", PlanFormat::sbatch}},
      "of the plan; sbatch: the job script alone");
  add_resource_options(app, command.common);
}

void check_plan_options(const PlanCommand& command) {
  check_edge_options(command.edge);
  if (command.edge.op == kernels::Operator::canny) {
    throw UsageError("plan has no model of --operator canny: its two passes and the hysteresis between them");
  }
  if (command.input.input.empty() && !command.size) throw UsageError("plan: INPUT or --size is required");
  if (!command.input.input.empty() && command.size) throw UsageError("plan: INPUT or --size, not both");
}

}  // namespace haloedge

#include <regex>

#include "cli/command_line.hpp"
#include "cli/common_options.hpp"
#include "core/error.hpp"
#include "core/number_text.hpp"
#include "plan/planned_job.hpp"
#include "sink/output.hpp"

namespace haloedge {

namespace {

constexpr int max_channels = 4;

/// Parses the width and the height of an image: "40000x30000".
std::optional<ImageSize> parse_image_size(const std::string& text) {
  static const std::regex form("([1-9][0-9]{0,9})[xX]([1-9][0-9]{0,9})");
  std::smatch match;
  if (!std::regex_match(text, match, form)) return std::nullopt;
  return ImageSize{parse_number<std::int64_t>(match[1].str()).value(),
                   parse_number<std::int64_t>(match[2].str()).value()};
}

void add_image_options(OptionGroup group, PlanCommand& command) {
  const Option size =
      group
          .parsed("--size", command.size, parse_image_size, "is not a size: write WIDTHxHEIGHT, such as 40000x30000",
                  "plan for a tiled TIFF of this size, instead of INPUT")
          .placeholder("WIDTHxHEIGHT");
  group.number("--channels", command.channels, 1, max_channels, "the channels of that image").needs(size);
  group.choice("--input-type", command.input_type, sample_types(), "the type of its samples").needs(size);
}

/// Adds an option for a rate or a time, which is written like `example`.
template <class Parse>
void add_quantity(OptionGroup group, const std::string& name, std::optional<double>& value, Parse parse,
                  const std::string& example, const std::string& help) {
  group.parsed(name, value, parse, "is not a number with a unit: write it like " + example, help).placeholder(example);
}

void add_machine_options(OptionGroup group, PlanCommand& command) {
  constexpr int max_cores = 4096;
  group.number("--ranks", command.ranks, 1, max_ranks, "the number of ranks");
  group.number("--ranks-per-node", command.ranks_per_node, 1, max_cores, "the ranks on each node")
      .shown_default("one for each --threads cores");
  group.number("--cores", command.cores, 1, max_cores, "the cores of each node").shown_default("those of this machine");
  group
      .texts("--calibrate", command.calibrate,
             "take the rates from the --report of a run of edges. May be given several times")
      .placeholder("FILE");
  MachineOptions& machine = command.machine;
  add_quantity(group, "--fs-bandwidth", machine.file_system, parse_rate, "100GB/s",
               "the rate of the file system for all nodes together, reading and writing");
  add_quantity(group, "--fs-node-bandwidth", machine.node_file_system, parse_rate, "10GB/s", "its rate for one node");
  add_quantity(group, "--link-bandwidth", machine.link, parse_rate, "100Gb/s", "the rate of the link into a node");
  add_quantity(group, "--link-latency", machine.latency, parse_latency, "2us", "the time of a message between nodes");
  add_quantity(group, "--launch-time", machine.launch, parse_latency, "0.5s",
               "the time that mpirun or srun takes to start a job");
}

void check_plan_options(const OptionGroup& group, const PlanCommand& command) {
  check_edge_options(group, command.edge, parse_output(command.output).format);
  if (command.edge.op == kernels::Operator::canny) {
    throw UsageError(
        "plan cannot predict --operator canny: it has no model of the two passes and of the hysteresis between them");
  }
  if (command.input.input.empty() && !command.size) throw UsageError("INPUT or --size is required");
  if (!command.input.input.empty() && command.size) throw UsageError("give INPUT or --size, not both");
}

}  // namespace

void add_plan_options(OptionGroup group, PlanCommand& command) {
  add_input_with_grid(group, command.input);
  add_image_options(group.group("Image without a file"), command);
  add_machine_options(group.group("Machine"), command);
  add_edge_options(group, command.edge);
  group.text("-o,--output", command.output, "the edge map that would be written")
      .placeholder("OUTPUT")
      .shown_default(command.output);
  add_write_option(group, command.write);
  group.choice(
      "--format", command.format,
      Choices<PlanFormat>{{"text", PlanFormat::text}, {"json", PlanFormat::json}, {"sbatch", PlanFormat::sbatch}},
      "the format of the plan. sbatch: the job script alone");
  add_resource_options(group, command.common);
  group.check([group, &command] { check_plan_options(group, command); });
  group.footer("Example:\n  haloedge plan --size 400000x300000 --ranks 64 --ranks-per-node 8 --cores 32");
}

}  // namespace haloedge

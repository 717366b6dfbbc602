#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/edge_options.hpp"
#include "commands/backend_choice.hpp"
#include "commands/edge_job.hpp"
#include "commands/progress.hpp"
#include "commands/report.hpp"
#include "commands/run_command.hpp"
#include "commands/run_setup.hpp"
#include "commands/trace.hpp"
#include "core/size_text.hpp"
#include "pipeline/edge_plan.hpp"
#include "source/fed_source.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

/// The height of the units in which ranks feed each other: all must agree, and the one with the least memory decides.
/// Collective.
std::int64_t fed_unit_rows(const Decomposition& decomposition, const ImageInfo& image, const RankResources& resources,
                           Communicator& communicator) {
  constexpr std::int64_t part_of_memory = 16;  // several units are under way at a time
  const std::int64_t fitting = resources.memory / part_of_memory / (image.width * image.pixel_bytes());
  const std::int64_t rows = std::clamp<std::int64_t>(fitting, 1, preferred_unit_rows(decomposition, resources.threads));
  return -communicator.max(-rows);
}

void say_what_was_chosen(const Communicator& communicator, const RankResources& resources, const RankPlan& plan,
                         const ChosenBackend& backend) {
  fmt::print("{} rank(s), MPI: {}; {} thread(s) on rank 0, backend {} ({}); memory {} of {} on rank 0\n",
             communicator.size(), communicator.library(), resources.threads, backend.name, backend.detail,
             size_text(plan.memory.total()), size_text(resources.memory));
  if (!backend.why_no_device.empty()) fmt::print("no device: {}\n", backend.why_no_device);
}

}  // namespace

void run_edges(const EdgesCommand& command, const std::vector<std::string>& command_line, Communicator& communicator) {
  const CommonOptions& common = command.common;
  communicator.barrier();  // the ranks' clocks start together
  Profile profile(!common.trace.empty());
  if (communicator.rank() == 0) {
    check_writable("--report", common.report);
    check_writable("--trace", common.trace);
  }

  const ChosenBackend backend = choose_backend(common.backend, communicator);
  std::unique_ptr<Source> source = open_source(command.input);
  const ImageInfo image = source->image();
  const EdgeSettings settings = edge_settings(command.edge, image.type);
  const Decomposition decomposition = decompose(*source, settings, communicator.size());
  RankResources resources = rank_resources(common, communicator);
  resources.device = backend.device;
  const bool fed = !source->any_order() && communicator.size() > 1;
  if (fed) {
    source = make_fed_source(std::move(source), communicator, decomposition.shares,
                             fed_unit_rows(decomposition, image, resources, communicator), resources.threads);
  }

  OutputSpec output = edge_output(command.edge, command.output, decomposition, image.metadata);
  output.overwrite = command.overwrite;
  output.input_file = input_file(command.input.input);
  output.fed = fed;
  const RankPlan plan = plan_rank(*source, decomposition, settings, resources, sink_memory(output, communicator.rank()),
                                  communicator.rank());
  require_memory(plan, resources);
  if (common.verbose && communicator.rank() == 0) say_what_was_chosen(communicator, resources, plan, backend);

  Progress progress(common, communicator, image.height, image.width);
  const EdgeJob job{*source, settings, decomposition, plan, output, command.write, backend, resources.threads};
  run_edge_job(job, communicator, profile, [&](std::int64_t rows) { progress.update(rows); });
  progress.finish();

  const EdgesRun run{command, command_line, image, decomposition, plan, resources, profile, backend, profile.elapsed()};
  const nlohmann::json report = gather_report(run, communicator);
  if (!common.trace.empty()) write_trace(profile, common.trace, communicator);
  if (communicator.rank() != 0) return;
  if (!common.report.empty()) write_report(report, common.report);
  if (!common.quiet) fmt::print("{}\n", summary_line(report));
}

}  // namespace haloedge

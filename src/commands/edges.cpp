#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/edge_options.hpp"
#include "commands/progress.hpp"
#include "commands/report.hpp"
#include "commands/run_command.hpp"
#include "commands/run_setup.hpp"
#include "commands/trace.hpp"
#include "commands/version.hpp"
#include "core/size_text.hpp"
#include "kernels/backend.hpp"
#include "pipeline/edge_pipeline.hpp"
#include "pipeline/edge_plan.hpp"
#include "sink/open_sink.hpp"
#include "source/fed_source.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

OutputSpec output_spec(const EdgesCommand& command, const Decomposition& decomposition, const Metadata& metadata,
                       bool fed) {
  return {.path = command.output,
          .width = decomposition.width,
          .height = decomposition.height,
          .tile_rows = decomposition.tile_rows,
          .tile_columns = decomposition.tile_columns,
          .type = command.edge.type,
          .compression = command.edge.compression,
          .metadata = metadata,
          .software = fmt::format("haloedge {}", version_number()),
          .overwrite = command.overwrite,
          .input_file = input_file(command.input.input),
          .fed = fed,
          .shares = decomposition.shares};
}

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
                         const kernels::Backend& backend) {
  fmt::print("{} rank(s), MPI: {}; {} thread(s) on rank 0, backend {} ({}); memory {} of {} on rank 0\n",
             communicator.size(), communicator.library(), resources.threads, backend.name(), backend.instruction_set(),
             size_text(plan.memory.total()), size_text(resources.memory));
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

  const auto backend = kernels::make_backend(common.backend);
  std::unique_ptr<Source> source = open_source(command.input);
  const ImageInfo image = source->image();
  const EdgeSettings settings = edge_settings(command.edge, image.type);
  const Decomposition decomposition = decompose(*source, settings, communicator.size());
  const RankResources resources = rank_resources(common, communicator);
  const bool fed = !source->any_order() && communicator.size() > 1;
  if (fed) {
    source = make_fed_source(std::move(source), communicator, decomposition.shares,
                             fed_unit_rows(decomposition, image, resources, communicator), resources.threads);
  }

  const OutputSpec output = output_spec(command, decomposition, image.metadata, fed);
  const RankPlan plan = plan_rank(*source, decomposition, settings, resources, sink_memory(output, communicator.rank()),
                                  communicator.rank());
  require_memory(plan, resources);
  const auto sink = open_sink(output, command.write, communicator, profile);
  if (common.verbose && communicator.rank() == 0) say_what_was_chosen(communicator, resources, plan, *backend);

  Progress progress(common, communicator, image.height, image.width);
  run_edge_pipeline({*source, *backend, *sink, communicator, profile}, decomposition, settings, plan, resources.threads,
                    [&](std::int64_t rows) { progress.update(rows); });
  progress.finish();
  sink->finish();

  const EdgesRun run{command,
                     command_line,
                     image,
                     decomposition,
                     plan,
                     resources,
                     profile,
                     std::string(backend->name()),
                     backend->instruction_set(),
                     profile.elapsed()};
  const nlohmann::json report = gather_report(run, communicator);
  if (!common.trace.empty()) write_trace(profile, common.trace, communicator);
  if (communicator.rank() != 0) return;
  if (!common.report.empty()) write_report(report, common.report);
  if (!common.quiet) fmt::print("{}\n", summary_line(report));
}

}  // namespace haloedge

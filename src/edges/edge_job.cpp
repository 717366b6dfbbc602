#include "edges/edge_job.hpp"

#include <utility>

#include <fmt/format.h>

#include "edges/canny_stage.hpp"
#include "edges/filter_stage.hpp"
#include "edges/options.hpp"
#include "run/report.hpp"

namespace haloedge {

namespace {

std::unique_ptr<FilterStage> make_stage(const EdgeJob& job, Trace& trace) {
  if (job.backend.host) {
    if (job.settings.canny) {
      return make_candidate_stage(*job.backend.host, job.decomposition, job.settings, job.plan, job.threads, trace);
    }
    return make_host_stage(*job.backend.host, job.decomposition, job.settings, job.plan, job.threads, trace);
  }
  return make_device_stage(kernels::make_device_filter(job.backend.device.value().number, job.plan.device.value()),
                           job.decomposition, job.settings, trace);
}

}  // namespace

Output parse_edge_output(const std::string& typed, const EdgeOptions& options) {
  Output output = parse_output(typed);
  check_format(output.format, typed, options.type, options.compression);
  return output;
}

TiledImage edge_map_image(const EdgeOptions& options, const Decomposition& decomposition, const Metadata& metadata) {
  return {.width = decomposition.width,
          .height = decomposition.height,
          .tile_rows = decomposition.tile_rows,
          .tile_columns = decomposition.tile_columns,
          .type = options.type,
          .compression = options.compression,
          .quality = options.quality,
          .metadata = metadata,
          .software = fmt::format("haloedge {}", version_number())};
}

OutputSpec edge_output(const EdgeOptions& options, Output output, const Decomposition& decomposition,
                       const Metadata& metadata) {
  return {.output = std::move(output),
          .image = edge_map_image(options, decomposition, metadata),
          .tiles_come_in_order = decomposition.shares.size() == 1 && options.border != kernels::Border::wrap,
          .shares = decomposition.shares,
          .finished = decomposition.finished};
}

kernels::CannyFilter find_canny_filter(const CannyOptions& options, const EdgeSettings& settings,
                                       const std::function<std::unique_ptr<Source>()>& open,
                                       const Decomposition& decomposition, const RankResources& resources,
                                       const ChosenBackend& backend, Communicator& communicator, Trace& trace,
                                       const StepDone& step_done) {
  kernels::MagnitudeCounts counts;
  if (needs_magnitudes(options)) {
    const std::unique_ptr<Source> source = open();
    const RankPlan plan = plan_rank(*source, decomposition, settings, resources, {}, communicator.rank());
    require_memory(plan, resources);
    counts = count_magnitudes({.source = *source,
                               .settings = settings,
                               .decomposition = decomposition,
                               .plan = plan,
                               .communicator = communicator,
                               .trace = trace,
                               .threads = resources.threads},
                              *backend.host, step_done);
  }
  return canny_filter(options, settings.canny.value().filter.norm, counts);
}

JobPlan plan_job(const Source& source, const Decomposition& decomposition, const EdgeSettings& settings,
                 const RankResources& resources, const OutputSpec& output, int rank) {
  using Place = CandidateStore::Place;
  const auto plan_with = [&](Place candidates) {
    SinkMemory memory = sink_memory(output, rank);
    if (settings.canny) {
      memory.fixed += CandidateSink::memory_bytes(tile_grid(decomposition, rank), candidates, resources.threads);
    }
    return JobPlan{plan_rank(source, decomposition, settings, resources, memory, rank), candidates};
  };
  JobPlan plan = plan_with(Place::memory);
  if (settings.canny && plan.rank.memory.total() > resources.memory) plan = plan_with(Place::disk);
  require_memory(plan.rank, resources);
  return plan;
}

void run_edge_job(const EdgeJob& job, Communicator& communicator, Trace& trace, const StepDone& step_done) {
  const auto sink = open_sink(job.output, communicator, trace);
  auto stage = make_stage(job, trace);
  if (job.settings.canny) {
    run_canny_passes({.source = job.source,
                      .settings = job.settings,
                      .decomposition = job.decomposition,
                      .plan = job.plan,
                      .communicator = communicator,
                      .trace = trace,
                      .threads = job.threads},
                     std::move(stage), job.candidates, *sink, step_done);
  } else {
    run_edge_pipeline({job.source, *stage, *sink, communicator, trace}, job.decomposition, job.plan,
                      job.settings.border, job.threads, step_done);
  }
  sink->finish();
}

}  // namespace haloedge

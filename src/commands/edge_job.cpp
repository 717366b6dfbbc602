#include "commands/edge_job.hpp"

#include <fmt/format.h>

#include "commands/version.hpp"
#include "pipeline/filter_stage.hpp"

namespace haloedge {

namespace {

std::unique_ptr<FilterStage> make_stage(const EdgeJob& job, Profile& profile) {
  if (job.backend.host) {
    return make_host_stage(*job.backend.host, job.decomposition, job.settings, job.plan, job.threads, profile);
  }
  return make_device_stage(kernels::make_device_filter(job.backend.device.value().number, job.plan.device.value()),
                           job.decomposition, job.settings, profile);
}

}  // namespace

OutputSpec edge_output(const EdgeOptions& options, const std::string& path, const Decomposition& decomposition,
                       const Metadata& metadata) {
  return {.path = path,
          .width = decomposition.width,
          .height = decomposition.height,
          .tile_rows = decomposition.tile_rows,
          .tile_columns = decomposition.tile_columns,
          .type = options.type,
          .compression = options.compression,
          .quality = options.quality,
          .metadata = metadata,
          .software = fmt::format("haloedge {}", version_number()),
          .tiles_come_in_order = decomposition.shares.size() == 1 && options.border != kernels::Border::wrap,
          .shares = decomposition.shares,
          .finished = decomposition.finished};
}

void run_edge_job(const EdgeJob& job, Communicator& communicator, Profile& profile, const StepDone& step_done) {
  const auto sink = open_sink(job.output, job.together, communicator, profile);
  const auto stage = make_stage(job, profile);
  run_edge_pipeline({job.source, *stage, *sink, communicator, profile}, job.decomposition, job.plan,
                    job.settings.border, job.threads, step_done);
  sink->finish();
}

}  // namespace haloedge

#include "edges/edge_job.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"
#include "edges/pass.hpp"
#include "run/report.hpp"
#include "run/run_folder.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

/// True if the rows can only be decoded from the top, so that ranks send each other decoded rows.
bool is_fed(const Source& source, const Run& run) { return !source.any_order() && run.communicator.size() > 1; }

/// Returns the source for one pass over the image. If is_fed(), it is one through which the ranks send each other
/// decoded rows. Collective.
std::unique_ptr<Source> feed(std::unique_ptr<Source> source, const Decomposition& decomposition, Run& run) {
  if (!is_fed(*source, run)) return source;
  const RankResources& resources = run.resources;
  const std::int64_t rows = fed_unit_rows(source->image(), decomposition, resources);
  // All ranks must agree on the height of the units, so the one with the least memory decides.
  const std::int64_t unit_rows = -run.communicator.max(-rows);
  return make_fed_source(std::move(source), run.communicator, decomposition.shares, unit_rows, resources.threads);
}

/// Returns true if the run that has failed may have kept tiles. Other ranks record their last tiles only once they
/// learn about the failure, which may be later.
bool may_keep_tiles(const EdgeJob& job, const Run& run) {
  return job.output.run && (run.communicator.size() > 1 || has_tiles(job.output.run->folder));
}

}  // namespace

std::int64_t fed_unit_rows(const ImageInfo& image, const Decomposition& decomposition, const RankResources& resources) {
  constexpr std::int64_t part_of_memory = 16;  // several units are under way at a time
  const std::int64_t fitting = resources.memory / part_of_memory / image.row_bytes();
  return std::clamp<std::int64_t>(fitting, 1, preferred_unit_rows(decomposition, resources.threads));
}

Output parse_edge_output(const std::string& typed, const EdgeOptions& options) {
  Output output = parse_output(typed);
  check_format(output.format, typed, options.type, options.compression);
  return output;
}

TiledImage edge_map_image(const EdgeOptions& options, const EdgeSettings& settings, const Decomposition& decomposition,
                          const Metadata& metadata) {
  return {.width = decomposition.width,
          .height = decomposition.height,
          .tile_rows = decomposition.tile_rows,
          .tile_columns = decomposition.tile_columns,
          .type = options.type,
          .compression = options.compression,
          .quality = options.quality,
          .metadata = metadata,
          .nodata = settings.declares_nodata ? std::optional(settings.nodata_result) : std::nullopt,
          .software = program_version()};
}

EdgeJob open_edge_job(ImageOpener open, const std::string& output, const EdgeOptions& options, WriteMode write,
                      Run& run) {
  EdgeJob job{.options = options, .open = std::move(open)};
  job.source = job.open();
  const ImageInfo& image = job.source->image();
  EdgeSettings settings = edge_settings(options, image);
  job.is_fed = is_fed(*job.source, run);
  job.output.output = parse_edge_output(output, options);
  check_write_mode(job.output.output, options.compression, job.is_fed, write);
  // The maximum is the same on all ranks, even if files of the same name differ between nodes. So all ranks make the
  // same choice.
  const std::int64_t pixels = run.communicator.max(image.width * image.height);
  const auto threads = static_cast<double>(run.communicator.sum(run.resources.threads));
  std::string why_no_device = why_processor_only(options);
  if (why_no_device.empty()) why_no_device = why_processor_only(image.type);
  run.choose_backend(why_no_device, saved_by_device(options.op) * static_cast<double>(pixels) / threads);
  const auto make_stage = [&](const EdgeSettings& lasting) -> std::unique_ptr<Stage> {
    const std::optional<DeviceShare>& device = run.resources.device;
    if (!device) return make_host_stage(lasting, *run.backend.host, run.resources.threads);
    return make_device_stage(lasting, image.channels, [number = device->number](const kernels::DeviceFilterSpec& spec) {
      return kernels::make_device_filter(number, spec);
    });
  };
  job.detector = make_detector(std::move(settings), options.canny, make_stage);
  return job;
}

void decompose_job(EdgeJob& job, int ranks, const FinishedRows& finished) {
  job.decomposition = decompose(*job.source, job.detector->settings(), ranks, finished);
  job.output.image =
      edge_map_image(job.options, job.detector->settings(), job.decomposition, job.source->image().metadata);
  job.output.tiles_come_in_order = ranks == 1 && job.options.border != kernels::Border::wrap;
  job.output.shares = job.decomposition.shares;
  job.output.finished = finished;
}

RankPlan plan_rank(const EdgeJob& job, const RankResources& resources, int rank) {
  const TileGrid grid = job.decomposition.grid(rank);
  const auto plan_with = [&](bool candidates_on_disk) {
    SinkMemory memory = sink_memory(job.output, rank);
    memory.fixed += job.detector->memory(grid, candidates_on_disk, resources.threads);
    RankPlan plan = plan_pass({*job.source, job.detector->stage(), job.decomposition}, memory, resources, rank);
    plan.candidates_on_disk = candidates_on_disk;
    return plan;
  };
  RankPlan plan = plan_with(false);
  const bool has_candidates = job.detector->memory(grid, false, 1) > 0;
  return fits(plan, resources) || !has_candidates ? plan : plan_with(true);
}

void plan_edge_job(EdgeJob& job, std::int64_t tile_rows, Run& run) {
  const int ranks = run.communicator.size();
  if (tile_rows > 0) {
    decompose_job(job, ranks, {tile_rows, ""});
    const RankResources& resources = run.resources;
    decompose_job(job, ranks, find_finished_rows(job.output, resources.threads, resources.memory, run.communicator));
  } else {
    decompose_job(job, ranks);
  }
  job.detector->prepare(
      job.decomposition, [&] { return feed(job.open(), job.decomposition, run); }, run);
  job.source = feed(std::move(job.source), job.decomposition, run);
  job.plan = plan_rank(job, run.resources, run.communicator.rank());
  if (!fits(job.plan, run.resources)) {
    // The message says what is enough for all ranks, whichever rank speaks first.
    RankPlan largest = job.plan;
    for (int rank = 0; rank < ranks; ++rank) {
      RankPlan other = plan_rank(job, run.resources, rank);
      if (other.memory.total() > largest.memory.total()) largest = std::move(other);
    }
    require_memory(largest, run.resources);
    require_memory(job.plan, run.resources);
  }
}

std::exception_ptr stop_error(const EdgeJob& job, const std::string& reason) {
  // --resume starts over if no tile is finished yet.
  if (job.keeps_tiles()) {
    return std::make_exception_ptr(Stopped(fmt::format("stopped by {}: continue with --resume", reason)));
  }
  const char* const why =
      job.output.output.format == OutputFormat::tiff
          ? "Canny's edges cannot be continued, so nothing is kept; allow more time"
          : "only a TIFF output can be continued, so nothing is kept; write TIFF, or allow more time";
  return std::make_exception_ptr(Error(fmt::format("stopped by {}: {}", reason, why)));
}

void make_edge_map(EdgeJob& job, Run& run) {
  try {
    const auto sink = open_sink(job.output, run.communicator, run.trace);
    job.detector->find_edges(*job.source, job.decomposition, job.plan, *sink, run);
    sink->finish();
  } catch (const Stopped&) {
    throw;
  } catch (const UsageError&) {
    throw;
  } catch (const RunError& error) {
    if (!may_keep_tiles(job, run)) throw;
    throw RunError(fmt::format("{}; finished tiles are kept: fix this, then continue with --resume", error.what()));
  } catch (const Error& error) {
    if (!may_keep_tiles(job, run)) throw;
    // The input is at fault. If it is repaired, it is another one, which --resume refuses.
    throw Error(
        fmt::format("{}; finished tiles are kept for --resume with the unchanged input: if you repair or replace it, "
                    "start over with --overwrite",
                    error.what()));
  }
}

}  // namespace haloedge

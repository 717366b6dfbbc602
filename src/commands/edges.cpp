#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "commands/commands.hpp"
#include "core/error.hpp"
#include "core/number_text.hpp"
#include "edges/edge_job.hpp"
#include "edges/edge_plan.hpp"
#include "edges/edge_run.hpp"
#include "edges/options.hpp"
#include "edges/report.hpp"
#include "run/backend_choice.hpp"
#include "run/progress.hpp"
#include "run/report.hpp"
#include "run/resources.hpp"
#include "run/stop_watcher.hpp"
#include "run/trace.hpp"
#include "sink/kept_tiles.hpp"
#include "source/fed_source.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

/// The processor_seconds() of all ranks together. They agree even if the files that they have opened differ, as files
/// of one name on different nodes may. Collective.
double estimate_processor_seconds(const ImageInfo& image, const RankResources& resources, Communicator& communicator) {
  const std::int64_t pixels = communicator.max(image.width * image.height);
  return processor_seconds(pixels, communicator.sum(resources.threads));
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
                         const ChosenBackend& backend) {
  fmt::print("{} rank(s), MPI: {}; {} thread(s) on rank 0, backend {} ({}); memory {} of {} on rank 0\n",
             communicator.size(), communicator.library(), resources.threads, backend.name, backend.detail,
             size_text(plan.memory.total()), size_text(resources.memory));
  if (!backend.why_no_device.empty()) fmt::print("no device: {}\n", backend.why_no_device);
}

/// The image's rows for one pass over it: where they can only be decoded from the top, ranks feed each other.
/// Collective.
std::unique_ptr<Source> feed(std::unique_ptr<Source> source, const Decomposition& decomposition,
                             const RankResources& resources, Communicator& communicator) {
  if (source->any_order() || communicator.size() == 1) return source;
  const std::int64_t unit_rows = fed_unit_rows(decomposition, source->image(), resources, communicator);
  return make_fed_source(std::move(source), communicator, decomposition.shares, unit_rows, resources.threads);
}

/// Whether what is done of the output is kept for a run that goes on. Canny's edges are not known before the whole
/// image is.
bool is_kept(const EdgesCommand& command, const Output& output) {
  return command.edge.op != kernels::Operator::canny && output.format == OutputFormat::tiff;
}

/// Cuts the image over the ranks; of a job that was begun earlier, what is left of it. Collective.
Decomposition decompose_rest(const EdgesCommand& command, const Source& source, const EdgeSettings& settings,
                             const EdgeRun& run, const Output& place, bool together, const RankResources& resources,
                             Communicator& communicator) {
  if (run.tile_rows() == 0) return decompose(source, settings, communicator.size());
  const Decomposition as_begun = decompose(source, settings, communicator.size(), {run.tile_rows(), ""});
  OutputSpec output = edge_output(command.edge, place, as_begun, {});
  output.together = together;
  output.run = run.place();
  const FinishedRows finished = find_finished_rows(output, resources.threads, resources.memory, communicator);
  return decompose(source, settings, communicator.size(), finished);
}

/// Ends all ranks' work once this one is asked to stop.
StopWatcher watch_for_stop(const StopRequest& stop, const EdgesCommand& command, const Output& output, bool together,
                           Communicator& communicator) {
  if (output.format == OutputFormat::hdf5 && together) {
    // HDF5 is written in common calls, which all ranks must leave together.
    return {stop, [&communicator] { communicator.announce_stop(); }};
  }
  const char* nothing_kept = output.format == OutputFormat::tiff ? "of Canny's edges nothing is kept"
                                                                 : "of an output that is no TIFF nothing is kept";
  const char* what_now = is_kept(command, output) ? "go on with --resume" : nothing_kept;
  // Ends every wait of this rank, and its work at the next step; the others then find a failed peer.
  return {stop, [&stop, what_now, &communicator] {
            communicator.fail_from_thread(
                std::make_exception_ptr(Stopped(fmt::format("stopped by {}: {}", stop.reason(), what_now))));
          }};
}

/// run_edge_job(), whose errors also say how to go on.
void make_edges(const EdgeJob& job, Run& run) {
  try {
    run_edge_job(job, run.communicator, run.trace, [&](std::int64_t rows) { run.advance(rows); });
  } catch (const Stopped&) {
    throw;
  } catch (const Error& error) {
    if (!job.output.run) throw;
    throw Error(
        fmt::format("{}; when that is mended, go on with --resume, or begin anew with --overwrite", error.what()));
  }
}

void tell_complete(const EdgesCommand& command, const Communicator& communicator) {
  if (communicator.rank() == 0 && !command.common.quiet) {
    fmt::print("{}: is complete: nothing to resume\n", command.output);
  }
}

}  // namespace

ExitCode run_edges(const EdgesCommand& command, Run& run) {
  Communicator& communicator = run.communicator;
  RankResources& resources = run.resources;
  Trace& trace = run.trace;
  const CommonOptions& common = command.common;
  check_backend(common.backend, why_processor_only(command.edge));
  if (communicator.rank() == 0) {
    check_writable("--report", common.report);
    check_writable("--trace", common.trace);
  }

  std::unique_ptr<Source> source = open_source(command.input);
  const ImageInfo image = source->image();
  EdgeSettings settings = edge_settings(command.edge, image.type);
  const bool fed = !source->any_order() && communicator.size() > 1;
  const Output place = parse_edge_output(command.output, command.edge);
  check_write_mode(place, command.edge.compression, fed, command.write);
  const double seconds = estimate_processor_seconds(image, resources, communicator);
  run.choose_backend(why_processor_only(command.edge), seconds);
  const ChosenBackend& backend = run.backend;

  const StopRequest stop(command.restart.time_limit);
  EdgeRun edge_run(place, input_file(command.input.input), command.restart, describe_run(command), communicator);
  if (edge_run.is_complete()) {
    tell_complete(command, communicator);
    return ExitCode::done;
  }
  const bool together = writes_together(place, fed, command.write, edge_run.place().folder, communicator);
  std::optional<StopWatcher> watcher(watch_for_stop(stop, command, place, together, communicator));
  const Decomposition decomposition =
      decompose_rest(command, *source, settings, edge_run, place, together, resources, communicator);
  run.show_rows_done(image.height, image.width);
  if (settings.canny) {
    settings.canny->filter = find_canny_filter(
        command.edge.canny, settings,
        [&] { return feed(open_source(command.input), decomposition, resources, communicator); }, decomposition,
        resources, backend, communicator, trace, [&](std::int64_t) { run.advance(0); });
  }
  source = feed(std::move(source), decomposition, resources, communicator);

  OutputSpec output = edge_output(command.edge, place, decomposition, image.metadata);
  output.together = together;
  if (is_kept(command, place)) output.run = edge_run.place();
  const auto [plan, candidates] = plan_job(*source, decomposition, settings, resources, output, communicator.rank());
  if (common.verbose && communicator.rank() == 0) say_what_was_chosen(communicator, resources, plan, backend);

  const EdgeJob job{*source, settings, decomposition, plan, output, backend, resources.threads, candidates};
  make_edges(job, run);
  watcher.reset();  // now it is too late
  if (communicator.rank() == 0) edge_run.commit();
  run.finish_progress(plan.shape.share.size());

  const EdgesRun done{command, run.command_line, image,    settings,       decomposition, plan, resources,
                      trace,   backend,          together, trace.elapsed()};
  const nlohmann::json report = gather_report(done, communicator);
  if (!common.trace.empty()) trace.write(common.trace, communicator);
  if (communicator.rank() != 0) return ExitCode::done;
  if (!common.report.empty()) write_report(report, common.report);
  if (!common.quiet) fmt::print("{}\n", summary_line(report));
  return ExitCode::done;
}

}  // namespace haloedge

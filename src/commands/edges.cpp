#include <cstdio>
#include <exception>
#include <optional>

#include <fmt/format.h>

#include "commands/commands.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/number_text.hpp"
#include "core/stop_request.hpp"
#include "edges/checkpoint.hpp"
#include "edges/edge_job.hpp"
#include "edges/options.hpp"
#include "formats/hdf5_datasets.hpp"
#include "run/named_files.hpp"
#include "sink/hdf5_dataset.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

void say_what_was_chosen(const EdgeJob& job, const Run& run) {
  fmt::print("{}, MPI: {}; {} on rank 0, backend {} ({}); memory {} of {} on rank 0\n",
             count_text(run.communicator.size(), "rank"), run.communicator.library(),
             count_text(run.resources.threads, "thread"), run.backend.name, run.backend.detail,
             size_text(job.plan.memory.total()), size_text(run.resources.memory));
  if (!run.backend.why_no_device.empty()) fmt::print("no device: {}\n", run.backend.why_no_device);
}

/// Returns true if the output is a dataset that is added to the HDF5 file of the input, or replaces another one there.
bool keeps_input(const InputSpec& input, const Output& output) {
  const bool is_same_file = output.format == OutputFormat::hdf5 && !input.grid &&
                            file_identity(input_file(input.input)) == file_identity(output.file);
  if (!is_same_file) return false;
  if (!has_dataset(output)) return true;
  const std::string dataset = split_hdf5_path(input.input).dataset;
  const auto lock = lock_hdf5();
  return !dataset.empty() && !lead_to_same(open_hdf5(output.file, H5F_ACC_RDONLY).get(), dataset, output.dataset);
}

/// Ends the work of all ranks once this one is asked to stop.
StopWatcher watch_for_stop(const StopRequest& stop, const EdgeJob& job, Communicator& communicator) {
  const OutputFormat format = job.output.output.format;
  if (format == OutputFormat::hdf5 && job.output.together) {
    // HDF5 is written in collective calls, which all ranks must leave together.
    return {stop, [&communicator] { communicator.announce_stop(); }};
  }
  // This ends every wait of this rank, and its work at the next step. The waits of the other ranks then throw
  // PeerFailure.
  return {stop, [&] { communicator.fail_from_thread(stop_error(job, stop.reason())); }};
}

}  // namespace

ExitCode run_edges(const EdgesCommand& command, Run& run) {
  check_backend(run.options.backend, why_processor_only(command.edge));
  if (run.is_first_rank()) {
    const Output output = parse_output(command.output);
    std::vector<NamedOutput> outputs;
    if (!keeps_input(command.input, output)) outputs.push_back({"-o", output.file});
    check_named_files(input_files(command.input), outputs, run.options);
  }
  EdgeJob job =
      open_edge_job([&] { return open_source(command.input); }, command.output, command.edge, command.write, run);
  OutputSpec& output = job.output;
  const std::string& note = job.source->image().note;
  if (!note.empty() && run.is_first_rank() && !run.options.quiet) {
    fmt::print(stderr, "haloedge: {}: {}\n", command.input.input, note);
  }

  const StopRequest stop(command.restart.time_limit);
  EdgeCheckpoint checkpoint(output.output, command, run.communicator);
  if (checkpoint.is_complete()) return ExitCode::done;
  if (job.keeps_tiles()) output.run = checkpoint.place();
  output.together =
      writes_together(output.output, job.is_fed, command.write, checkpoint.place().folder, run.communicator);
  std::optional<StopWatcher> watcher(watch_for_stop(stop, job, run.communicator));

  run.show_rows_done(job.source->image().height, job.source->image().width);
  plan_edge_job(job, checkpoint.tile_rows(), run);
  if (run.options.verbose && run.is_first_rank()) say_what_was_chosen(job, run);
  make_edge_map(job, run);
  watcher.reset();  // the output is complete: it is too late to stop
  if (run.is_first_rank()) checkpoint.commit();
  run.finish_progress(job.plan.shape.share.size());
  report_edge_map(command, job, run);
  return ExitCode::done;
}

}  // namespace haloedge

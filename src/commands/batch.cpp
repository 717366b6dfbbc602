#include "sets/batch.hpp"

#include <string>

#include <fmt/format.h>

#include "commands/commands.hpp"
#include "edges/options.hpp"
#include "run/named_files.hpp"
#include "sets/image_list.hpp"
#include "sets/image_names.hpp"
#include "sink/output.hpp"

namespace haloedge {

namespace {

constexpr const char* why_processor =
    "batch filters on the processor; decoding and encoding, which are nearly all of its work, are done there anyway";

/// Throws UsageError if the outputs cannot hold what the options ask for.
void check_format_of(const BatchCommand& command, const BatchOutput& output) {
  const EdgeOptions& edge = command.edge;
  if (output.ending().empty()) {
    return check_format(OutputFormat::hdf5, command.set.output, edge.type, edge.compression);
  }
  try {
    check_format(command.format, fmt::format("edge maps in {} files", output.ending()), edge.type, edge.compression);
  } catch (const UsageError& error) {
    throw UsageError(fmt::format("{}; --format tiff writes .tif files", error.what()));
  }
}

}  // namespace

ExitCode run_batch(const BatchCommand& command, Run& run) {
  const std::unique_ptr<BatchOutput> output = make_batch_output(command);
  check_backend(command.common.backend, why_processor);
  check_format_of(command, *output);
  if (run.is_first_rank()) {
    check_named_files(named_inputs(command.set), {{"-o", command.set.output}}, command.common);
  }
  const bool is_complete = run.is_first_rank() && !output->check();
  if (run.communicator.sum(is_complete ? 1 : 0) > 0) return output->report_complete(run);

  SetRun set_run(command.set,
                 {.description = output->description(),
                  .output = command.set.output,
                  .folder = output->run_folder(),
                  .collects = output->collects(),
                  .cost = edge_map_cost,
                  .name_outputs =
                      [&](std::vector<ImageFile>& files) {
                        check_apart(files, command.set.output);
                        name_outputs(files, output->ending(), command.part);
                      },
                  .output_exists = [&](const Outcome& outcome) { return output->has(outcome); }},
                 run);
  output->begin(set_run.number(), run.communicator.rank());
  run.choose_backend(why_processor, 0);
  set_run.run(batch_stages(command, *output, set_run, run.backend));

  const std::vector<Outcome> outcomes = set_run.gather_outcomes();
  if (run.is_first_rank()) {
    output->list_failures(outcomes);  // first, so that the output never seems complete without it
    if (set_run.totals().missing() == 0) output->complete(outcomes, [&] { set_run.check_own_stop(); });
  }
  return set_run.conclude(outcomes);
}

}  // namespace haloedge

#include <string>

#include <fmt/format.h>

#include "commands/commands.hpp"
#include "edges/options.hpp"
#include "run/report_file.hpp"
#include "sets/batch_stages.hpp"
#include "sets/image_names.hpp"
#include "sets/set_report.hpp"
#include "sink/output.hpp"

namespace haloedge {

namespace {

void check_command(const BatchCommand& command, const BatchOutput& output) {
  if (command.common.backend == BackendChoice::cuda) {
    throw UsageError(
        "--backend cuda: batch filters on the processor; decoding and encoding, which are nearly all of its work, are "
        "done there anyway");
  }
  // Check the rules of the format before any image is read.
  const std::string name = output.ending().empty() ? command.set.output : fmt::format("image{}", output.ending());
  check_format(parse_output(name).format, name, command.edge.type, command.edge.compression);
}

}  // namespace

ExitCode run_batch(const BatchCommand& command, const std::vector<std::string>& command_line,
                   Communicator& communicator) {
  const bool first_rank = communicator.rank() == 0;
  const std::unique_ptr<BatchOutput> output = make_batch_output(command);
  check_command(command, *output);
  if (first_rank) check_writable("--report", command.common.report);
  const bool to_do = !first_rank || output->check();
  if (communicator.sum(to_do ? 0 : 1) > 0) {
    return tell_complete(command.set, command.common, output->failures_file(), communicator);
  }
  SetRun run(command.set, command.common,
             {.description = fmt::format("batch {} {}\n", output->ending(), edge_options_text(command.edge)),
              .output = command.set.output,
              .folder = output->run_folder(),
              .collects = output->collects(),
              .cost = edge_map_cost,
              .name_outputs =
                  [&](std::vector<ImageFile>& files) {
                    check_apart(files, command.set.output);
                    name_outputs(files, output->ending());
                  },
              .is_there = [&](const Outcome& outcome) { return output->has(outcome); }},
             communicator);
  output->begin(run.number(), communicator.rank());
  const BackendChoice choice =
      command.common.backend == BackendChoice::reference ? BackendChoice::reference : BackendChoice::cpu;
  const ChosenBackend backend = choose_backend(choice, communicator);
  BatchStages stages(command, *output, backend, run);
  run.run(stages.stages());
  const std::vector<Outcome> outcomes = run.gather_outcomes();
  if (first_rank) {
    list_failures(outcomes, output->failures_file());  // first, so that the output never seems complete without it
    if (run.totals().missing() == 0) output->complete(outcomes, [&] { run.check_own_stop(); });
  }
  return conclude_set(run, outcomes, command.set, command.common, command_line, communicator);
}

}  // namespace haloedge

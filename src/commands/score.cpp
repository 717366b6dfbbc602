#include <span>
#include <vector>

#include "commands/commands.hpp"
#include "sets/options.hpp"
#include "sets/score_output.hpp"
#include "sets/score_stages.hpp"
#include "sets/set_report.hpp"

namespace haloedge {

namespace {

void finish(ScoreWriter& writer) {
  try {
    writer.finish();
  } catch (const RunError& error) {
    throw with_way_on(error);
  }
}

}  // namespace

ExitCode run_score(const ScoreCommand& command, Run& run) {
  ScoreOutput output(command);
  if (run.is_first_rank()) output.check();
  SetRun set_run(command.set, output.task(), run);
  output.begin(set_run, run);
  ScoreWriter writer(run.communicator, [&](std::span<const ScoredImage> rows) { output.write(rows); });
  ScoreStages stages(command, output, writer, set_run);
  set_run.run(stages.stages());
  finish(writer);
  const std::vector<Outcome> outcomes = set_run.gather_outcomes();
  if (run.is_first_rank()) output.conclude(set_run.totals().missing() == 0);
  return conclude_set(set_run, outcomes, command.set, run);
}

}  // namespace haloedge

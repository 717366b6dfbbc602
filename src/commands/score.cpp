#include "sets/score.hpp"

#include <span>
#include <vector>

#include "commands/commands.hpp"

namespace haloedge {

ExitCode run_score(const ScoreCommand& command, Run& run) {
  ScoreOutput output(command);
  if (run.is_first_rank()) output.check();
  SetRun set_run(command.set, output.task(), run);
  output.begin(set_run, run);
  ScoreWriter writer(run.communicator, [&](std::span<const ScoredImage> rows) { output.write(rows); });
  set_run.run(score_stages(command, output, writer, set_run));
  try {
    writer.finish();
  } catch (const RunError& error) {
    throw with_resume_advice(error);
  }
  const std::vector<Outcome> outcomes = set_run.gather_outcomes();
  if (run.is_first_rank()) output.conclude(set_run.totals().missing() == 0);
  return set_run.conclude(outcomes);
}

}  // namespace haloedge

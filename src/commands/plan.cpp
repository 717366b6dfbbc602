#include <fmt/format.h>

#include "commands/commands.hpp"
#include "plan/planned_job.hpp"

namespace haloedge {

ExitCode run_plan(const PlanCommand& command, Run& run) {
  if (!run.is_first_rank()) return ExitCode::done;
  const PlannedJob plan = predict_job(command);
  const auto print = command.format == PlanFormat::json     ? plan_json
                     : command.format == PlanFormat::sbatch ? plan_script
                                                            : plan_text;
  fmt::print("{}", print(plan));
  return ExitCode::done;
}

}  // namespace haloedge

#include <fmt/format.h>

#include "commands/run_command.hpp"
#include "plan/plan_output.hpp"

namespace haloedge {

void run_plan(const PlanCommand& command, Communicator& communicator) {
  if (communicator.rank() != 0) return;
  const PlannedJob plan = plan_job(command);
  const auto print = command.format == PlanFormat::json     ? plan_json
                     : command.format == PlanFormat::sbatch ? plan_script
                                                            : plan_text;
  fmt::print("{}", print(plan));
}

}  // namespace haloedge

#include <fmt/format.h>

#include "comm/communicator.hpp"
#include "commands/commands.hpp"
#include "plan/options.hpp"
#include "plan/plan_output.hpp"

namespace haloedge {

ExitCode run_plan(const PlanCommand& command, const std::vector<std::string>& /*command_line*/,
                  Communicator& communicator) {
  if (communicator.rank() != 0) return ExitCode::done;
  const PlannedJob plan = predict_job(command);
  const auto print = command.format == PlanFormat::json     ? plan_json
                     : command.format == PlanFormat::sbatch ? plan_script
                                                            : plan_text;
  fmt::print("{}", print(plan));
  return ExitCode::done;
}

}  // namespace haloedge

#include "commands/run_command.hpp"

#include <variant>

namespace haloedge {

namespace {

template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

}  // namespace

ExitCode run_command(const CommandContext& context, Communicator& communicator) {
  ExitCode code = ExitCode::done;
  std::visit(
      Overloaded{[&](const EdgesCommand& command) { run_edges(command, context.command_line, communicator); },
                 [&](const BatchCommand& command) { code = run_batch(command, context.command_line, communicator); },
                 [&](const HashCommand& command) { code = run_hash(command, context.command_line, communicator); },
                 [&](const DuplicatesCommand& command) { run_duplicates(command, communicator); },
                 [&](const ScoreCommand& command) { code = run_score(command, context.command_line, communicator); },
                 [&](const SplitCommand& command) { run_split(command, communicator); },
                 [&](const StreamCommand& command) { code = run_stream(command, context.command_line, communicator); },
                 [&](const InfoCommand& command) { run_info(command, communicator); },
                 [&](const PlanCommand& command) { run_plan(command, communicator); }},
      context.command);
  return code;
}

}  // namespace haloedge

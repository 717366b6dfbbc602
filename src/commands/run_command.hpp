#pragma once

#include <string>
#include <vector>

#include "cli/options.hpp"
#include "comm/communicator.hpp"

namespace haloedge {

/// What the user asked for, parsed and as typed.
struct CommandContext {
  Command command;
  std::vector<std::string> command_line;
};

/// Does the job. Collective. Throws Error, UsageError, or PeerFailure where another rank failed.
void run_command(const CommandContext& context, Communicator& communicator);

void run_edges(const EdgesCommand& command, const std::vector<std::string>& command_line, Communicator& communicator);
void run_split(const SplitCommand& command, Communicator& communicator);
void run_info(const InfoCommand& command, Communicator& communicator);
void run_plan(const PlanCommand& command, Communicator& communicator);

}  // namespace haloedge

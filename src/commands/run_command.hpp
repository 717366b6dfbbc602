#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"
#include "comm/communicator.hpp"
#include "core/error.hpp"

namespace haloedge {

/// What the user asked for, parsed and as typed.
struct CommandContext {
  Command command;
  std::vector<std::string> command_line;
};

/// Does the job. Collective, and the same code on all ranks. Throws Error, UsageError, or PeerFailure where another
/// rank failed.
[[nodiscard]] ExitCode run_command(const CommandContext& context, Communicator& communicator);

void run_edges(const EdgesCommand& command, const std::vector<std::string>& command_line, Communicator& communicator);
[[nodiscard]] ExitCode run_batch(const BatchCommand& command, const std::vector<std::string>& command_line,
                                 Communicator& communicator);
[[nodiscard]] ExitCode run_hash(const HashCommand& command, const std::vector<std::string>& command_line,
                                Communicator& communicator);
void run_duplicates(const DuplicatesCommand& command, Communicator& communicator);
[[nodiscard]] ExitCode run_score(const ScoreCommand& command, const std::vector<std::string>& command_line,
                                 Communicator& communicator);
[[nodiscard]] ExitCode run_stream(const StreamCommand& command, const std::vector<std::string>& command_line,
                                  Communicator& communicator);
void run_split(const SplitCommand& command, Communicator& communicator);
void run_info(const InfoCommand& command, Communicator& communicator);
void run_plan(const PlanCommand& command, Communicator& communicator);

}  // namespace haloedge

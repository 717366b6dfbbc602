#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"

namespace haloedge {

struct BatchCommand;
struct DuplicatesCommand;
struct EdgesCommand;
struct HashCommand;
struct InfoCommand;
struct PlanCommand;
struct ScoreCommand;
struct SplitCommand;
struct StreamCommand;

/// Returns the commands, with the default options.
[[nodiscard]] CommandTable all_commands();

// Each function runs one command: see Command::run().
ExitCode run_batch(const BatchCommand& command, const std::vector<std::string>& command_line,
                   Communicator& communicator);
ExitCode run_duplicates(const DuplicatesCommand& command, const std::vector<std::string>& command_line,
                        Communicator& communicator);
ExitCode run_edges(const EdgesCommand& command, const std::vector<std::string>& command_line,
                   Communicator& communicator);
ExitCode run_hash(const HashCommand& command, const std::vector<std::string>& command_line, Communicator& communicator);
ExitCode run_info(const InfoCommand& command, const std::vector<std::string>& command_line, Communicator& communicator);
ExitCode run_plan(const PlanCommand& command, const std::vector<std::string>& command_line, Communicator& communicator);
ExitCode run_score(const ScoreCommand& command, const std::vector<std::string>& command_line,
                   Communicator& communicator);
ExitCode run_split(const SplitCommand& command, const std::vector<std::string>& command_line,
                   Communicator& communicator);
ExitCode run_stream(const StreamCommand& command, const std::vector<std::string>& command_line,
                    Communicator& communicator);

}  // namespace haloedge

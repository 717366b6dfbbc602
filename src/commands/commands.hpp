#pragma once

#include "cli/command_line.hpp"
#include "run/run.hpp"

namespace haloedge {

/// Returns the commands, with the default options.
[[nodiscard]] CommandTable all_commands();

// Each function does the job of one command, as Command::run describes.
ExitCode run_batch(const BatchCommand& command, Run& run);
ExitCode run_duplicates(const DuplicatesCommand& command, Run& run);
ExitCode run_edges(const EdgesCommand& command, Run& run);
ExitCode run_hash(const HashCommand& command, Run& run);
ExitCode run_info(const InfoCommand& command, Run& run);
ExitCode run_plan(const PlanCommand& command, Run& run);
ExitCode run_score(const ScoreCommand& command, Run& run);
ExitCode run_split(const SplitCommand& command, Run& run);
ExitCode run_stream(const StreamCommand& command, Run& run);

}  // namespace haloedge

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/options.hpp"
#include "comm/communicator.hpp"
#include "commands/set_run.hpp"

namespace haloedge {

/// Tells on rank 0 how a run over a set ended: failures on standard error and (all of them) in the file `failures`, a
/// line on standard output, the report if one is asked for. `outcomes` are gather_outcomes()'s. Collective. What the
/// program ends with.
ExitCode conclude_set(const SetRun& run, const std::vector<Outcome>& outcomes, const SetOptions& set,
                      const CommonOptions& common, const std::vector<std::string>& command_line,
                      const std::filesystem::path& failures, Communicator& communicator);

/// Tells on rank 0 that --resume found all done.
ExitCode tell_complete(const SetOptions& set, const CommonOptions& common, const Communicator& communicator);

}  // namespace haloedge

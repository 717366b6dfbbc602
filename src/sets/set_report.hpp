#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "run/run.hpp"
#include "sets/options.hpp"
#include "sets/set_run.hpp"

namespace haloedge {

/// Writes the failures among the outcomes into a file, path and reason; without any, there is no such file. For rank 0.
/// Throws Error.
void list_failures(const std::vector<Outcome>& outcomes, const std::filesystem::path& file);

/// Tells on rank 0 how a run over a set ended: failures on standard error, a line on standard output, the report and
/// the trace if they are asked for. `outcomes` are gather_outcomes()'s. Collective. What the program ends with.
[[nodiscard]] ExitCode conclude_set(const SetRun& set_run, const std::vector<Outcome>& outcomes, const SetOptions& set,
                                    Run& run);

/// Tells on rank 0 that --resume found all done, but for what is listed in the file `failures`, if it is there.
/// Collective. What the program ends with.
[[nodiscard]] ExitCode tell_complete(const SetOptions& set, const std::filesystem::path& failures, Run& run);

}  // namespace haloedge

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "run/run.hpp"
#include "sets/options.hpp"
#include "sets/set_run.hpp"

namespace haloedge {

/// Writes the path and the reason of each failure into the file, or removes the file if there are none. For rank 0.
/// Throws Error.
void list_failures(const std::vector<Outcome>& outcomes, const std::filesystem::path& file);

/// Reports on rank 0 how a run over a set has ended: the failures on standard error, a line on standard output and, if
/// they are asked for, the report and the trace. `outcomes` come from gather_outcomes(). Returns the exit code.
/// Collective.
[[nodiscard]] ExitCode conclude_set(const SetRun& set_run, const std::vector<Outcome>& outcomes, const SetOptions& set,
                                    Run& run);

/// Reports on rank 0 that --resume found nothing to do, except the images in the file `failures` if it exists. Returns
/// the exit code. Collective.
[[nodiscard]] ExitCode tell_complete(const SetOptions& set, const std::filesystem::path& failures, Run& run);

}  // namespace haloedge

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "edges/edge_job.hpp"
#include "edges/options.hpp"
#include "run/run.hpp"

namespace haloedge {

/// Collective: gathers what the ranks did. The report on rank 0, null elsewhere. Its keys are documented in the man
/// page.
[[nodiscard]] nlohmann::json gather_report(const EdgesCommand& command, const EdgeJob& job, Run& run);

/// "edges.tif: 12,000 x 8,000 px in 1.2 s, 80 Mpx/s; decode 51 %, gray 9 %, ..." in one line.
[[nodiscard]] std::string summary_line(const nlohmann::json& report);

}  // namespace haloedge

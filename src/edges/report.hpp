#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "comm/communicator.hpp"
#include "edges/edge_plan.hpp"
#include "edges/options.hpp"
#include "run/backend_choice.hpp"
#include "run/trace.hpp"

namespace haloedge {

/// One finished `edges` job, as this rank saw it.
struct EdgesRun {
  const EdgesCommand& command;
  const std::vector<std::string>& command_line;
  const ImageInfo& image;
  const EdgeSettings& settings;
  const Decomposition& decomposition;
  const RankPlan& plan;
  const RankResources& resources;
  const Trace& trace;
  const ChosenBackend& backend;
  bool together = false;  ///< all ranks wrote into the output
  double seconds = 0;     ///< of the whole job, on this rank
};

/// Collective: gathers what the ranks did. The report on rank 0, null elsewhere. Its keys are documented in the man
/// page.
[[nodiscard]] nlohmann::json gather_report(const EdgesRun& run, Communicator& communicator);

/// "edges.tif: 12,000 x 8,000 px in 1.2 s, 80 Mpx/s; decode 51 %, gray 9 %, ..." in one line.
[[nodiscard]] std::string summary_line(const nlohmann::json& report);

}  // namespace haloedge

#pragma once

#include "cli/options.hpp"
#include "comm/communicator.hpp"
#include "pipeline/edge_plan.hpp"

namespace haloedge {

/// What this rank works with: as asked, or its fair part of the node. Collective over the node.
[[nodiscard]] RankResources rank_resources(const CommonOptions& options, Communicator& communicator);

}  // namespace haloedge

#pragma once

#include <functional>

#include "comm/communicator.hpp"
#include "edges/edge_plan.hpp"
#include "edges/filter_stage.hpp"
#include "run/trace.hpp"
#include "sink/sink.hpp"
#include "source/source.hpp"

namespace haloedge {

/// The parts that a rank's work flows through.
struct EdgeParts {
  Source& source;
  FilterStage& filter;
  Sink& sink;
  Communicator& communicator;
  Trace& trace;
};

/// Called on the main thread after each step with the number of this rank's output rows that are finished, by earlier
/// runs or by this one.
using StepDone = std::function<void(std::int64_t rows)>;

/// Makes this rank's share of the edge map: source -> rows -> halo -> filter -> sink. Collective. The sink is not
/// finished. Throws what source, sink or kernels throw, and PeerFailure.
void run_edge_pipeline(const EdgeParts& parts, const Decomposition& decomposition, const RankPlan& plan,
                       kernels::Border border, int threads, const StepDone& step_done);

}  // namespace haloedge

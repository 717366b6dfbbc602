#pragma once

#include <functional>

#include "edges/rank_plan.hpp"
#include "run/run.hpp"
#include "sink/sink.hpp"

namespace haloedge {

/// Called on the main thread after each step with the number of this rank's output rows that are finished, by earlier
/// runs or by this one.
using StepDone = std::function<void(std::int64_t rows)>;

/// Runs a pass over this rank's share: source -> rows -> halo -> stage -> sink. The stage has its memory. The sink is
/// not finished. Collective. Throws what source, sink or kernels throw, and PeerFailure.
void run_pass(const Pass& pass, const RankPlan& plan, Sink& sink, Run& run, const StepDone& step_done);

}  // namespace haloedge

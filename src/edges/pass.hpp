#pragma once

#include <cstdint>
#include <functional>

#include "edges/decomposition.hpp"
#include "edges/stage.hpp"
#include "run/resources.hpp"
#include "run/run.hpp"
#include "sink/sink.hpp"
#include "source/source.hpp"

namespace haloedge {

/// One pass of a stage over a rank's share of an image.
struct Pass {
  Source& source;
  Stage& stage;
  const Decomposition& decomposition;
};

/// Chooses the largest useful units whose schedule fits into the memory of the rank and of its device. `sink` is what
/// the sink of the pass holds. If even the smallest units do not fit, the plan has these and says what they need. Pure.
[[nodiscard]] RankPlan plan_pass(const Pass& pass, const SinkMemory& sink, const RankResources& resources, int rank);

/// True if the rank and its device have the memory that the plan needs. Pure.
[[nodiscard]] bool fits(const RankPlan& plan, const RankResources& resources);

/// Throws Error unless fits(). The message says how much memory would be enough.
void require_memory(const RankPlan& plan, const RankResources& resources);

/// Returns the number of rows that units should have if memory allows: they give all threads enough tasks in each step.
/// Pure.
[[nodiscard]] std::int64_t preferred_unit_rows(const Decomposition& decomposition, int threads);

/// Called on the main thread after each step with the number of this rank's output rows that are finished, by earlier
/// runs or by this one.
using StepDone = std::function<void(std::int64_t rows)>;

/// Runs a pass over this rank's share: source -> rows -> halo -> stage -> sink. Stage::allocate() must have been called
/// before. Does not finish the sink. Collective. Throws what source, sink or kernels throw, and PeerFailure.
void run_pass(const Pass& pass, const RankPlan& plan, Sink& sink, Run& run, const StepDone& step_done);

}  // namespace haloedge

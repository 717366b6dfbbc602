#pragma once

#include <memory>

#include "comm/communicator.hpp"
#include "edges/candidate_sink.hpp"
#include "edges/edge_pipeline.hpp"
#include "edges/edge_plan.hpp"
#include "edges/filter_stage.hpp"
#include "kernels/backend.hpp"
#include "run/trace.hpp"
#include "sink/sink.hpp"
#include "source/source.hpp"

namespace haloedge {

/// What Canny's passes over a rank's share work with.
struct CannyParts {
  Source& source;
  const EdgeSettings& settings;
  const Decomposition& decomposition;
  const RankPlan& plan;
  Communicator& communicator;
  Trace& trace;
  int threads = 1;
};

/// The tiles of this rank.
[[nodiscard]] TileGrid tile_grid(const Decomposition& decomposition, int rank);

/// How often each gradient magnitude is in the whole image: every rank decodes its share for it. Collective.
[[nodiscard]] kernels::MagnitudeCounts count_magnitudes(const CannyParts& parts, const kernels::Backend& backend,
                                                        const StepDone& step_done);

/// Canny's edges of this rank's share, into `sink`, which is not finished: source -> rows -> halo -> candidates, which
/// `stage` makes and which are all that it is needed for, then the hysteresis over all ranks, then the edges.
/// Collective. Throws what source, sink or kernels throw, and PeerFailure.
void run_canny_passes(const CannyParts& parts, std::unique_ptr<FilterStage> stage, CandidateStore::Place place,
                      Sink& sink, const StepDone& step_done);

}  // namespace haloedge

#pragma once

#include <functional>
#include <memory>

#include "edges/canny_passes.hpp"
#include "edges/edge_pipeline.hpp"
#include "edges/edge_plan.hpp"
#include "edges/options.hpp"
#include "run/backend_choice.hpp"
#include "sink/sink.hpp"
#include "source/source.hpp"

namespace haloedge {

/// One edge map to be made: all that is decided before the first pixel.
struct EdgeJob {
  Source& source;
  const EdgeSettings& settings;
  const Decomposition& decomposition;
  const RankPlan& plan;
  const OutputSpec& output;
  const ChosenBackend& backend;
  int threads = 1;
  CandidateStore::Place candidates = CandidateStore::Place::memory;  ///< of Canny's detector, between its passes
};

/// Canny's filter for an image; some options make all ranks read the whole of it before, from a source that `open`
/// opens. Collective. Throws what sources throw, and Error if there is too little memory.
[[nodiscard]] kernels::CannyFilter find_canny_filter(const CannyOptions& options, const EdgeSettings& settings,
                                                     const std::function<std::unique_ptr<Source>()>& open,
                                                     const Decomposition& decomposition, const RankResources& resources,
                                                     const ChosenBackend& backend, Communicator& communicator,
                                                     Trace& trace, const StepDone& step_done);

/// What a rank does for an output, and where it keeps Canny's candidates: on the disk if the memory is too small for
/// them.
struct JobPlan {
  RankPlan rank;
  CandidateStore::Place candidates = CandidateStore::Place::memory;
};

/// Throws Error, saying how much would do, if there is too little memory.
[[nodiscard]] JobPlan plan_job(const Source& source, const Decomposition& decomposition, const EdgeSettings& settings,
                               const RankResources& resources, const OutputSpec& output, int rank);

/// The output that a user names for an edge map. Throws UsageError if its format cannot hold what `options` ask for.
[[nodiscard]] Output parse_edge_output(const std::string& typed, const EdgeOptions& options);

/// The picture that `options` ask for.
[[nodiscard]] TiledImage edge_map_image(const EdgeOptions& options, const Decomposition& decomposition,
                                        const Metadata& metadata);

/// The output that `options` ask for; `together` and `run` are left to the caller.
[[nodiscard]] OutputSpec edge_output(const EdgeOptions& options, Output output, const Decomposition& decomposition,
                                     const Metadata& metadata);

/// Makes it, from its source to its sink, under the output's partial name. Collective. Throws what these throw.
void run_edge_job(const EdgeJob& job, Communicator& communicator, Trace& trace, const StepDone& step_done);

}  // namespace haloedge

#pragma once

#include <functional>
#include <memory>

#include "edges/canny_passes.hpp"
#include "edges/edge_pipeline.hpp"
#include "edges/edge_plan.hpp"
#include "edges/options.hpp"
#include "run/backend_choice.hpp"
#include "sink/open_sink.hpp"
#include "source/source.hpp"

namespace haloedge {

/// One edge map to be made: all that is decided before the first pixel.
struct EdgeJob {
  Source& source;
  const EdgeSettings& settings;
  const Decomposition& decomposition;
  const RankPlan& plan;
  const OutputSpec& output;
  bool together = false;  ///< all ranks write into the output
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
                                                     Profile& profile, const StepDone& step_done);

/// What a rank does for an output, and where it keeps Canny's candidates: on the disk if the memory is too small for
/// them.
struct JobPlan {
  RankPlan rank;
  CandidateStore::Place candidates = CandidateStore::Place::memory;
};

/// Throws Error, saying how much would do, if there is too little memory.
[[nodiscard]] JobPlan plan_job(const Source& source, const Decomposition& decomposition, const EdgeSettings& settings,
                               const RankResources& resources, const OutputSpec& output, bool together, int rank);

/// The output that `options` ask for; what depends on the input's file and on the ranks is left to the caller.
[[nodiscard]] OutputSpec edge_output(const EdgeOptions& options, const std::string& path,
                                     const Decomposition& decomposition, const Metadata& metadata);

/// Makes it, from its source to its sink, under the output's partial name. Collective. Throws what these throw.
void run_edge_job(const EdgeJob& job, Communicator& communicator, Profile& profile, const StepDone& step_done);

}  // namespace haloedge

#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "edges/filter_stage.hpp"
#include "kernels/canny.hpp"

namespace haloedge {

/// Makes tiles of classes (see kernels/canny.hpp) of the settings' Canny with this rank's threads.
[[nodiscard]] std::unique_ptr<FilterStage> make_candidate_stage(const kernels::Backend& backend,
                                                                const Decomposition& decomposition,
                                                                const EdgeSettings& settings, const RankPlan& plan,
                                                                int threads, Trace& trace);

/// Makes no tiles, but adds the magnitudes of their pixels to `counts`, one for each thread; all of magnitude_bins.
[[nodiscard]] std::unique_ptr<FilterStage> make_magnitude_stage(const kernels::Backend& backend,
                                                                const Decomposition& decomposition,
                                                                const EdgeSettings& settings, const RankPlan& plan,
                                                                std::vector<kernels::MagnitudeCounts>& counts,
                                                                Trace& trace);

}  // namespace haloedge

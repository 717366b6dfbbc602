#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/arithmetic.hpp"
#include "core/image.hpp"
#include "core/row_range.hpp"
#include "edges/decomposition.hpp"
#include "plan/options.hpp"
#include "plan/predict.hpp"
#include "run/resources.hpp"

namespace haloedge {

/// The work of one rank. Bytes of files are estimates, divided among the ranks by their rows.
struct PlannedRank {
  int rank = 0;
  RowRange share;
  std::int64_t read = 0;
  std::int64_t halo = 0;     ///< bytes sent to its neighbours
  std::int64_t sent = 0;     ///< bytes of tiles sent to rank 0, and of decoded rows sent to their owners
  std::int64_t written = 0;  ///< counts compressed tiles twice
  std::int64_t memory = 0;
};

/// The predictions for a number of ranks.
struct PlannedScale {
  int ranks = 1;
  Prediction parallel;  ///< the same as `gather` if the output cannot be written by all ranks
  Prediction gather;
};

/// An `edges` job, planned without running it.
struct PlannedJob {
  const PlanCommand& command;
  std::string name;  ///< of the input file
  ImageInfo image;
  int sequences =
      0;  ///< parts of the input that one rank each must decode from the top; 0: rows can be decoded in any order
  bool can_write_together = true;
  Decomposition decomposition;
  RankResources resources;
  Machine machine;
  Job job;
  Spread spread;
  std::vector<PlannedRank> ranks;

  [[nodiscard]] int nodes() const { return divide_up(spread.ranks, spread.ranks_per_node); }
  [[nodiscard]] std::int64_t largest_memory() const;
  [[nodiscard]] const Prediction& chosen(const PlannedScale& scale) const {
    return spread.gather ? scale.gather : scale.parallel;
  }
  [[nodiscard]] PlannedScale scale(int ranks) const;
  /// Predictions for 1, 2, 4, ... ranks and the number asked for, until the efficiency is below `least_efficiency`.
  [[nodiscard]] std::vector<PlannedScale> scales() const;
  /// See ranks_under().
  [[nodiscard]] int ranks_too_many() const;
};

/// There are too many ranks if the speed-up divided by their number is below this.
inline constexpr double least_efficiency = 0.8;

/// Plans the job and predicts how long it takes. The plan refers to `command`. Throws Error if the input or a report
/// cannot be read, or the memory of a rank is too small.
[[nodiscard]] PlannedJob predict_job(const PlanCommand& command);

}  // namespace haloedge

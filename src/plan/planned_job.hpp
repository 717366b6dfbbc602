#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/arithmetic.hpp"
#include "core/image.hpp"
#include "core/row_range.hpp"
#include "edges/edge_plan.hpp"
#include "plan/options.hpp"
#include "plan/predict.hpp"

namespace haloedge {

/// What one rank would do. Bytes of files are what the job's are expected to have, in parts that go with the rows.
struct PlannedRank {
  int rank = 0;
  RowRange share;
  std::int64_t read = 0;
  std::int64_t halo = 0;     ///< sent to its neighbours
  std::int64_t sent = 0;     ///< tiles to rank 0, and rows to those whose share they are in
  std::int64_t written = 0;  ///< compressed tiles twice
  std::int64_t memory = 0;
};

/// How a number of ranks would do.
struct PlannedScale {
  int ranks = 1;
  Prediction parallel;  ///< equal to `gather` where all ranks cannot write
  Prediction gather;
};

/// An `edges` job that nobody has run yet.
struct PlannedJob {
  const PlanCommand& command;
  std::string name;  ///< of the input
  ImageInfo image;
  int sequences = 0;  ///< each decoded from its top by one rank; 0: in any order
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
  /// 1, 2, 4, ... and the number asked for, on until the efficiency is below `least_efficiency`.
  [[nodiscard]] std::vector<PlannedScale> scales() const;
  /// See ranks_under().
  [[nodiscard]] int ranks_too_many() const;
};

/// Ranks are too many where the speed-up is less than this part of their number.
inline constexpr double least_efficiency = 0.8;

/// Throws what opening the input and reading the reports throw, and Error if the ranks' memory would not do.
[[nodiscard]] PlannedJob plan_job(const PlanCommand& command);

}  // namespace haloedge

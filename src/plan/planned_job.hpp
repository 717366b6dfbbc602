#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/image.hpp"
#include "core/row_range.hpp"
#include "edges/decomposition.hpp"
#include "edges/options.hpp"
#include "kernels/arithmetic.hpp"
#include "kernels/kernels.hpp"
#include "plan/predict.hpp"
#include "run/options.hpp"
#include "run/resources.hpp"
#include "source/open_source.hpp"

namespace haloedge {

struct ImageSize {
  std::int64_t width = 0;
  std::int64_t height = 0;
};

/// The properties of a machine that a report of a run on another machine does not contain: rates in bytes a second,
/// times in seconds.
struct MachineOptions {
  std::optional<double> file_system;
  std::optional<double> node_file_system;
  std::optional<double> link;
  std::optional<double> latency;
  std::optional<double> launch;
};

/// The largest number of ranks that a job is planned for.
inline constexpr int max_ranks = 1 << 20;

enum class PlanFormat : std::uint8_t { text, json, sbatch };

struct PlanCommand {
  CommonOptions common;
  InputSpec input;                ///< the image; empty if there is a size
  std::optional<ImageSize> size;  ///< the size of an image without a file, with the channels and type below
  int channels = 3;
  kernels::SampleType input_type = kernels::SampleType::u8;
  EdgeOptions edge;
  std::string output = "edges.tif";
  WriteMode write = WriteMode::automatic;
  int ranks = 1;
  int ranks_per_node = 0;              ///< 0: one for each `threads` cores
  int cores = 0;                       ///< cores of a node; 0: those of this machine
  std::vector<std::string> calibrate;  ///< reports of runs of edges
  MachineOptions machine;
  PlanFormat format = PlanFormat::text;
};

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
  double speed_up = 1;  ///< over one rank, with the chosen way of writing; scales() sets it

  [[nodiscard]] double efficiency() const { return speed_up / ranks; }
};

/// An `edges` job, planned without running it.
struct PlannedJob {
  const PlanCommand& command;
  std::string name;  ///< the name of the input file
  ImageInfo image;
  /// The number of parts of the input that must each be decoded from the top, by one rank; 0: rows can be decoded in
  /// any order.
  int sequences = 0;
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
  /// The spread for another number of ranks.
  [[nodiscard]] Spread spread_over(int ranks) const;
  [[nodiscard]] PlannedScale scale(int ranks) const;
  /// Predictions for 1, 2, 4, ... ranks and the number asked for, until the efficiency is below `min_efficiency`.
  [[nodiscard]] std::vector<PlannedScale> scales() const;
  /// The smallest number of ranks whose efficiency is below min_efficiency; 0 if there is none.
  [[nodiscard]] int ranks_too_many() const;
};

/// There are too many ranks if the speed-up divided by their number is below this.
inline constexpr double min_efficiency = 0.8;

/// Plans the job and predicts how long it takes. The plan refers to `command`. Throws Error if the input or a report
/// cannot be read, or the memory of a rank is too small.
[[nodiscard]] PlannedJob predict_job(const PlanCommand& command);

/// The plan as text: first whether the job fits, how long it takes and how many ranks would be better, then the details
/// and what they are based on, with the script at the end.
[[nodiscard]] std::string plan_text(const PlannedJob& plan);

/// The whole plan, with every rank, as JSON.
[[nodiscard]] std::string plan_json(const PlannedJob& plan);

/// A Slurm job script that runs the job by slurm/edges.sbatch, so that it also stops in time and resumes.
[[nodiscard]] std::string plan_script(const PlannedJob& plan);

}  // namespace haloedge

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "comm/communicator.hpp"
#include "run/options.hpp"
#include "run/progress.hpp"
#include "run/resources.hpp"
#include "run/trace.hpp"

namespace haloedge {

/// The environment of a command on this rank. main() makes one for the command.
struct Run {
  /// Finds out the rank's resources. The ranks' traces begin together. Collective. `job_communicator` must outlive it.
  Run(Communicator& job_communicator, const CommonOptions& common_options, std::vector<std::string> typed);

  [[nodiscard]] bool is_first_rank() const { return communicator.rank() == 0; }

  /// Sets `backend` by haloedge::choose_backend(), and `resources.device` to its device. Collective.
  void choose_backend(const std::string& why_processor_only, double saved_seconds);

  /// Begins to show the progress of a job of `rows` rows of `row_pixels` pixels each. Collective.
  void show_rows_done(std::int64_t rows, std::int64_t row_pixels);
  /// Shows that this rank has finished `rows_done` rows so far. To be called on the main thread between the steps of
  /// long work. Throws what `check_cancelled` throws.
  void advance(std::int64_t rows_done);
  /// Shows the other ranks' progress until all have finished. Collective.
  void finish_progress(std::int64_t rows_done);

  Communicator& communicator;
  CommonOptions options;
  std::vector<std::string> command_line;
  RankResources resources;
  ChosenBackend backend{};
  Trace trace;
  std::function<void()> check_cancelled{};  ///< may be empty; throws to end the work
  std::optional<Progress> progress{};
  std::int64_t earlier_rows = 0;  ///< rows of this rank that earlier runs have finished; they do not count for the rate
};

}  // namespace haloedge

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

  /// Calls haloedge::choose_backend() with these options. A device becomes one of the resources. Collective.
  void choose_backend(const std::string& why_processor_only, double seconds);

  /// Shows the progress of a job of so many rows of `row_pixels` each. Collective.
  void show_rows_done(std::int64_t rows, std::int64_t row_pixels);
  /// Called on the main thread between the steps of long work, with how many rows this rank has finished. Throws what
  /// `check_cancelled` throws.
  void advance(std::int64_t rows_done);
  /// Shows the other ranks' progress until all have finished. Collective.
  void finish_progress(std::int64_t rows_done);

  Communicator& communicator;
  CommonOptions options;
  std::vector<std::string> command_line;
  RankResources resources;
  ChosenBackend backend{};
  Trace trace;
  std::function<void()> check_cancelled{};  ///< ends the work, where it is set, by what it throws
  std::optional<Progress> progress{};
};

}  // namespace haloedge

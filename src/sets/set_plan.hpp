#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "comm/communicator.hpp"
#include "core/stop_request.hpp"
#include "run/run_folder.hpp"
#include "sets/assignment.hpp"
#include "sets/journal.hpp"
#include "sets/options.hpp"

namespace haloedge {

/// What a command makes of a set.
struct SetTask {
  std::string description;       ///< what decides the results: a run can only be gone on with if it is the same
  std::filesystem::path output;  ///< not searched for images
  std::filesystem::path folder;  ///< where journals are kept; made if it is missing
  /// Whether what is done is written down in journals; else only `known` tells of it.
  bool keeps_journal = true;
  bool collects = false;  ///< whether rank 0 wants to know of all images in the end, not of failures only
  std::function<std::int64_t(const ImageTraits&)> cost;  ///< of an image, in any unit
  /// On rank 0: gives the images the names of their outputs. May be null.
  std::function<void(std::vector<ImageFile>&)> name_outputs{};
  /// On rank 0: what is known of images from elsewhere, as from a table, by their paths alone. May be null.
  std::function<std::vector<Outcome>()> known{};
  /// On rank 0, on many threads: whether what an earlier run made of an image is still there. May be null.
  std::function<bool(const Outcome&)> is_there{};
};

/// What there is to do, and this rank's part of it.
struct SetPlan {
  std::vector<ImageFile> mine;              ///< the dearest first
  std::int64_t images = 0;                  ///< of all ranks, as all that follows
  std::int64_t earlier = 0;                 ///< of them, done by earlier runs
  std::int64_t bytes = 0;                   ///< of the files that are left
  int run_number = 0;                       ///< in its folder; no other has it
  std::optional<RunFolder> folder{};        ///< rank 0
  std::vector<Outcome> earlier_outcomes{};  ///< rank 0, if the task collects them
};

/// Lists the images on rank 0, leaves out what earlier runs have done, and deals the rest out, so that ranks are likely
/// to take equally long. Collective. Throws Error, UsageError; Stopped.
[[nodiscard]] SetPlan plan_set(const SetOptions& options, const SetTask& task, int threads, const StopRequest& stop,
                               Communicator& communicator);

}  // namespace haloedge

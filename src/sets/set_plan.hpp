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
#include "sets/image_list.hpp"
#include "sets/journal.hpp"
#include "sets/options.hpp"

namespace haloedge {

/// The properties of an image that its cost is estimated from, before it is decoded.
struct ImageTraits {
  enum class Kind : std::uint8_t { jpeg, png, tiff };
  Kind kind = Kind::jpeg;
  std::int64_t bytes = 0;  ///< size of the file
  double pixels = 0;
  double pixel_bytes = 3;  ///< bytes of a decoded pixel
};

/// The time, in nanoseconds of one core, to make and write an edge map, to make a dHash, and to make a score without a
/// depth map. It was measured on one machine. Other machines differ, but only the ratios matter, which differ less.
/// Pure.
[[nodiscard]] std::int64_t edge_map_cost(const ImageTraits& image);
[[nodiscard]] std::int64_t hash_cost(const ImageTraits& image);
[[nodiscard]] std::int64_t score_cost(const ImageTraits& image);

/// Assigns items to parts so that all parts cost about the same, and returns the part of each item. The most expensive
/// item comes first, and each goes to the part that costs least so far (longest processing time first; R. L. Graham,
/// 1969: at most 4/3 of the optimum). Pure: equal costs give equal parts.
[[nodiscard]] std::vector<int> assign(const std::vector<std::int64_t>& costs, int parts);

/// Describes to SetRun what a command does with the images of a set.
struct SetTask {
  std::string description;       ///< the options that decide the results; --resume needs the same ones
  std::filesystem::path output;  ///< folder or file that is not searched for images
  std::filesystem::path folder;  ///< folder of the journals; made if it is missing
  bool keeps_journal = true;     ///< if false, only `known` says what earlier runs have done
  bool collects = false;         ///< rank 0 gathers the outcomes of all images at the end, not only the failures
  std::function<std::int64_t(const ImageTraits&)> cost;  ///< time that an image takes, in any unit
  /// Changes the names of the images into the names of their outputs. Called on rank 0. May be null.
  std::function<void(std::vector<ImageFile>&)> name_outputs{};
  /// Returns the outcomes of images that a table holds already, without the names of outputs. Called on rank 0. May be
  /// null.
  std::function<std::vector<Outcome>()> known{};
  /// Returns true if the output that an earlier run made of an image is still there. Called on rank 0, by many threads.
  /// May be null.
  std::function<bool(const Outcome&)> output_exists{};
};

/// The work on a set, and this rank's part of it.
struct SetPlan {
  std::vector<ImageFile> mine;              ///< this rank's images, the most expensive first
  std::int64_t images = 0;                  ///< number of images in the set
  std::int64_t earlier = 0;                 ///< number of images that earlier runs have done
  std::int64_t bytes = 0;                   ///< size of the files of all images that are not done
  ListedImages listed{};                    ///< only on rank 0: what was skipped; its images are moved to the ranks
  int run_number = 0;                       ///< number that no other run in its folder has
  std::optional<RunFolder> folder{};        ///< keeps the folder locked; only on rank 0
  std::vector<Outcome> earlier_outcomes{};  ///< only on rank 0, if the task collects outcomes
};

/// Lists the images on rank 0, leaves out those that earlier runs have done, and assigns the others to the ranks so
/// that all ranks are likely to need the same time. Collective. Throws Error, UsageError; Stopped.
[[nodiscard]] SetPlan plan_set(const SetOptions& options, const SetTask& task, int threads, const StopRequest& stop,
                               Communicator& communicator);

}  // namespace haloedge

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cli/options.hpp"
#include "comm/communicator.hpp"
#include "core/buffer.hpp"
#include "core/error.hpp"
#include "core/stop_request.hpp"
#include "imageset/image_cost.hpp"
#include "imageset/journal.hpp"
#include "imageset/run_folder.hpp"
#include "pipeline/edge_plan.hpp"
#include "pipeline/memory_gate.hpp"
#include "sink/output_spec.hpp"
#include "source/source.hpp"

namespace haloedge {

/// An image of a set on its way through the stages.
struct SetImage {
  Outcome outcome{};
  std::unique_ptr<Source> source{};
  MemoryGate::Lease memory{};
  OutputSpec output{};
  Buffer edges{};
  std::vector<std::byte> encoded{};
  std::filesystem::path made{};  ///< a complete file that only lacks its name
};

/// What the stages do with an image. What they throw is this image's failure, and the others go on; StorageError ends
/// the run.
struct SetStage {
  std::string name;  ///< for people: "decode"
  int threads = 1;
  std::function<void(SetImage&)> work;
};

/// What a command makes of a set.
struct SetTask {
  std::string description;       ///< what decides the results: a run can only be gone on with if it is the same
  std::filesystem::path output;  ///< not searched for images
  std::filesystem::path folder;  ///< where journals are kept; made if it is missing
  std::function<std::int64_t(const ImageTraits&)> cost;  ///< of an image, in any unit
  /// On rank 0: gives the images the names of their outputs. May be null.
  std::function<void(std::vector<ImageFile>&)> name_outputs{};
  /// On rank 0: what is known of images from elsewhere, as from a table. May be null.
  std::function<std::vector<Outcome>()> known{};
  /// On rank 0, on many threads: whether what an earlier run made of an image is still there. May be null.
  std::function<bool(const Outcome&)> is_there{};
};

/// How a set stands; the same on all ranks.
struct SetTotals {
  std::int64_t images = 0;
  std::int64_t earlier = 0;  ///< done by earlier runs
  std::int64_t done = 0;     ///< by this one, failures not counted
  std::int64_t failed = 0;
  std::string stopped_by{};  ///< empty if nothing stopped it before the end

  [[nodiscard]] std::int64_t missing() const { return images - earlier - done - failed; }
};

/// What one rank did.
struct RankWork {
  int threads = 0;
  std::int64_t memory = 0;  ///< its limit, in bytes
  std::int64_t images = 0;
  std::int64_t bytes = 0;                                       ///< of the files
  double seconds = 0;                                           ///< from its first image to the end of its last
  double cpu_seconds = 0;                                       ///< of all its threads, in that time
  std::vector<std::pair<std::string, double>> stage_seconds{};  ///< summed over a stage's threads
};

/// A run over a set of images: lists them, leaves out what an earlier run has done, deals the rest out to the ranks,
/// and passes each rank's images through its stages, keeping a journal.
class SetRun {
 public:
  /// Collective. Throws Error, UsageError.
  SetRun(const SetOptions& options, const CommonOptions& common, SetTask task, Communicator& communicator);

  /// Collective. Throws Error; PeerFailure.
  void run(std::vector<SetStage> stages);

  [[nodiscard]] const SetTotals& totals() const { return totals_; }
  /// Since the run was made.
  [[nodiscard]] double seconds() const;
  [[nodiscard]] const RankWork& work() const { return work_; }
  /// Done if nothing failed and nothing is missing; some_images_failed, stopped.
  [[nodiscard]] ExitCode exit_code() const;

  [[nodiscard]] const RankResources& resources() const { return resources_; }

  /// This run's number in its folder: no other has it. The same on all ranks.
  [[nodiscard]] int number() const { return number_; }

  /// On rank 0 all outcomes, those of earlier runs included, in the order of the list; images that are missing have
  /// none. Collective.
  [[nodiscard]] std::vector<Outcome> gather_outcomes();

 private:
  void list(const SetOptions& options);
  /// Those that earlier runs have not done.
  [[nodiscard]] std::vector<ImageFile> todo();
  /// Of rank 0's images, on rank 0. Collective: ranks share in looking at headers.
  [[nodiscard]] std::vector<std::int64_t> costs_of(const std::vector<ImageFile>& todo);
  void deal_out(const std::vector<ImageFile>& todo);
  /// Sends each rank its part of rank 0's images. Collective.
  [[nodiscard]] std::vector<ImageFile> scatter(const std::vector<ImageFile>& files, const std::vector<int>& part_of);
  [[nodiscard]] std::optional<std::unique_ptr<SetImage>> next();
  [[nodiscard]] std::function<void(std::unique_ptr<SetImage>&)> guarded(SetStage stage, std::atomic<double>& seconds);
  void conclude(SetImage& image);
  [[nodiscard]] Communicator::Counts counts(const std::vector<std::int64_t>& queued) const;

  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  const CommonOptions& common_;
  SetTask task_;
  Communicator& communicator_;
  RankResources resources_;
  StopRequest stop_;                 ///< also of what is asked while the images are listed
  std::optional<RunFolder> folder_;  ///< rank 0
  std::vector<ImageFile> list_;      ///< rank 0: all images
  std::vector<Outcome> earlier_;     ///< rank 0
  std::vector<ImageFile> mine_;
  std::int64_t todo_images_ = 0;  ///< of all ranks
  std::int64_t todo_bytes_ = 0;
  int number_ = 0;
  std::optional<Journal> journal_;
  SetTotals totals_;
  RankWork work_;
  std::mutex outcomes_guard_;
  std::vector<Outcome> outcomes_;  ///< this rank's
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::int64_t> done_ = 0;
  std::atomic<std::int64_t> failed_ = 0;
  std::atomic<std::int64_t> bytes_done_ = 0;
};

}  // namespace haloedge

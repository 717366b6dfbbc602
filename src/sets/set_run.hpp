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
#include <utility>
#include <vector>

#include "comm/communicator.hpp"
#include "core/buffer.hpp"
#include "core/error.hpp"
#include "core/stop_request.hpp"
#include "formats/tiled_image.hpp"
#include "run/run.hpp"
#include "run/stop_watcher.hpp"
#include "sets/journal.hpp"
#include "sets/memory_gate.hpp"
#include "sets/options.hpp"
#include "sets/set_plan.hpp"
#include "source/source.hpp"
#include "tables/score_table.hpp"

namespace haloedge {

/// An image of a set on its way through the stages.
struct SetImage {
  Outcome outcome{};
  std::unique_ptr<Source> source{};
  MemoryGate::Lease memory{};
  TiledImage edge_map{};
  Buffer edges{};
  std::vector<std::byte> encoded{};
  std::filesystem::path made{};     ///< a complete file that only lacks its name
  std::unique_ptr<Source> depth{};  ///< of `score`, as what follows
  ImageScore score{};
  double seconds = 0;     ///< of work, which failed images keep
  bool given_up = false;  ///< a stop came: it is as if it had not been begun
};

/// What the stages do with an image. What they throw is this image's failure, and the others go on; RunError ends the
/// run, Stopped gives the image up.
struct SetStage {
  std::string name;  ///< for people: "decode"
  int threads = 1;
  std::function<void(SetImage&)> work;
  bool takes_failed = false;  ///< also gets images that have failed
  bool gives_up = false;      ///< after a stop, images are not begun here: what was done for them is little
};

/// What ends the run, and that it can be gone on with.
[[nodiscard]] Error with_way_on(const RunError& error);

/// Threads that open files: they wait for disks and metadata servers more than they work.
inline constexpr int reader_threads = 4;

/// How a set stands; the same on all ranks.
struct SetTotals {
  std::int64_t images = 0;
  std::int64_t earlier = 0;  ///< done by earlier runs
  std::int64_t done = 0;     ///< by this one, failures not counted
  std::int64_t failed = 0;
  std::string stopped_by{};  ///< empty if nothing asked for a stop

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

/// A run over a set of images: passes each rank's images through its stages, keeping a journal.
class SetRun {
 public:
  /// Lists and deals out the images: see plan_set(). Collective. Throws Error also if --trace cannot be written.
  SetRun(const SetOptions& options, SetTask task, Run& run);

  /// Collective. Throws Error; PeerFailure.
  void run(std::vector<SetStage> stages);

  /// Throws Stopped once the run has been asked to end, PeerFailure if another rank has failed: for stages whose work
  /// takes long. Any thread.
  void check_cancelled();
  /// Throws Stopped if this rank is asked to end.
  void check_own_stop() const { stop_.throw_if_made("the output was put together"); }

  /// Lends the memory that the stages may hold, if they have this many threads in all. Throws Error if it is too
  /// little.
  [[nodiscard]] MemoryGate memory_gate(int threads) const;

  [[nodiscard]] const SetTotals& totals() const { return totals_; }
  [[nodiscard]] const RankWork& work() const { return work_; }
  [[nodiscard]] const RankResources& resources() const { return run_.resources; }
  /// Since the run was made.
  [[nodiscard]] double seconds() const;
  /// Done if nothing failed and nothing is missing; some_images_failed, stopped.
  [[nodiscard]] ExitCode exit_code() const;
  /// This run's number in its folder: no other has it. The same on all ranks.
  [[nodiscard]] int number() const { return plan_.run_number; }

  /// On rank 0, in the order of the paths: all outcomes, those of earlier runs included, if the task collects them;
  /// else this run's failures. Collective.
  [[nodiscard]] std::vector<Outcome> gather_outcomes();

 private:
  [[nodiscard]] std::optional<std::unique_ptr<SetImage>> next();
  [[nodiscard]] std::function<void(std::unique_ptr<SetImage>&)> guarded(SetStage stage, std::atomic<double>& seconds);
  /// Until all of this rank's images have passed, and all other ranks' have.
  void pass_through(std::vector<SetStage> stages);
  void conclude(SetImage& image);
  [[nodiscard]] Communicator::Counts counts(const std::vector<std::int64_t>& queued) const;
  void add_up();

  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  SetTask task_;
  Run& run_;
  Communicator& communicator_;
  StopRequest stop_;  ///< also of what is asked while the images are listed
  SetPlan plan_;
  std::optional<StopWatcher> watcher_;  ///< passes a stop on to all ranks, whatever this one is waiting for
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

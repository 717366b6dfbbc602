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
#include "formats/row_writer.hpp"
#include "run/run.hpp"
#include "sets/journal.hpp"
#include "sets/memory_gate.hpp"
#include "sets/options.hpp"
#include "sets/set_plan.hpp"
#include "source/source.hpp"
#include "tables/image_rows.hpp"

namespace haloedge {

/// An image of a set on its way through the stages.
struct SetImage {
  Outcome outcome{};
  std::unique_ptr<Source> source{};
  MemoryGate::Lease memory{};
  EdgeSettings settings{};  ///< for `batch`, as is the next member
  /// The image does not fit into the memory, or its edge map is too large for the output to take it in one piece.
  bool is_large = false;
  TiledImage edge_map{};
  Buffer edges{};
  std::vector<std::byte> encoded{};
  std::filesystem::path made{};     ///< a complete file of a large image, which only needs its final name
  std::unique_ptr<Source> depth{};  ///< depth map; this and the next member are for `score`
  ImageScore score{};
  double seconds = 0;     ///< working time, which a failed image keeps
  bool given_up = false;  ///< the run was stopped, and the image counts as not started
};

/// A step of the pipeline that images pass through. An exception that `work` throws makes the image fail, and the other
/// images go on; RunError and PeerFailure end the run, and Stopped gives the image up.
struct SetStage {
  std::string name;  ///< as reports and traces show it: "decode"
  int threads = 1;
  std::function<void(SetImage&)> work;
  bool takes_failed = false;  ///< `work` is also called for images that have failed
  bool gives_up = false;      ///< after a stop, this stage gives images up, because little was done for them so far
};

/// Returns the error with the advice to use --resume, because finished images are kept.
[[nodiscard]] Error with_resume_advice(const RunError& error);

/// Number of threads that open files. They wait for disks and metadata servers more than they compute.
inline constexpr int reader_threads = 4;

/// Counts the images of a set by their outcomes. The same on all ranks.
struct SetTotals {
  std::int64_t images = 0;
  std::int64_t earlier = 0;  ///< images that earlier runs have done
  std::int64_t done = 0;     ///< images that this run has done, without failures
  std::int64_t failed = 0;
  std::string stopped_by{};  ///< what stopped the run, for users; empty if nothing did

  [[nodiscard]] std::int64_t missing() const { return images - earlier - done - failed; }
};

/// The work of one rank, for the report.
struct RankWork {
  std::int64_t images = 0;
  std::int64_t bytes = 0;  ///< size of the files
  double seconds = 0;      ///< from the beginning of the first image to the end of the last
  double cpu_seconds = 0;  ///< processor time of all threads in these seconds
  std::vector<std::pair<std::string, double>> stage_seconds{};  ///< summed over a stage's threads
};

/// This execution over a set of images. Passes the images of each rank through the stages and keeps a journal.
class SetRun {
 public:
  /// Lists the images and assigns them to the ranks: see plan_set(). `options` and `run` must outlive this object.
  /// Collective. Throws as plan_set().
  SetRun(const SetOptions& options, SetTask task, Run& run);

  /// Passes all images through the stages. Collective. Throws Error; PeerFailure.
  void run(std::vector<SetStage> stages);

  /// Throws Stopped if the run was asked to end, and PeerFailure if another rank has failed. Called by stages whose
  /// work takes long. Any thread.
  void check_cancelled();
  /// Throws Stopped if this rank was asked to end, while it puts the output together without the other ranks.
  void check_own_stop() const { stop_.throw_if_made("putting the output together", "continue with --resume"); }

  /// Makes a gate for the memory that images may take if the stages have `threads` threads in all. Throws Error if
  /// there is too little memory.
  [[nodiscard]] MemoryGate memory_gate(int threads) const;

  [[nodiscard]] const SetTotals& totals() const { return totals_; }
  [[nodiscard]] const RankResources& resources() const { return run_.resources; }
  /// The number of this run, which no other run in its folder has. The same on all ranks.
  [[nodiscard]] int number() const { return plan_.run_number; }

  /// Returns outcomes on rank 0, in the order of their paths: all of them, also those of earlier runs, if the task
  /// collects outcomes, else the failures of this run. Collective.
  [[nodiscard]] std::vector<Outcome> gather_outcomes();

  /// Reports on rank 0 how the run has ended: the failures on standard error, a line on standard output and, if they
  /// are asked for, the report and the trace. `outcomes` come from gather_outcomes(). Returns the exit code: `stopped`
  /// if images are missing, else `some_images_failed` if more images failed than are allowed, else `done`. Collective.
  [[nodiscard]] ExitCode conclude(const std::vector<Outcome>& outcomes);

 private:
  [[nodiscard]] std::optional<std::unique_ptr<SetImage>> next();
  [[nodiscard]] std::function<void(std::unique_ptr<SetImage>&)> guarded(SetStage stage, std::atomic<double>& seconds);
  /// Passes the images of this rank through the stages. Returns when those of all ranks have passed.
  void pass_through(std::vector<SetStage> stages);
  void keep_outcome(SetImage& image);
  [[nodiscard]] Communicator::Counts counts(const std::vector<std::int64_t>& queued) const;

  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  const SetOptions& options_;
  SetTask task_;
  Run& run_;
  StopRequest stop_;  ///< made first, so that it also sees a stop while the images are listed
  SetPlan plan_;
  std::optional<StopWatcher> watcher_;  ///< announces a stop to all ranks, even while this rank waits
  std::optional<Journal> journal_;
  SetTotals totals_;
  RankWork work_;
  std::mutex outcomes_guard_;
  std::vector<Outcome> outcomes_;  ///< outcomes on this rank
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::int64_t> done_ = 0;
  std::atomic<std::int64_t> failed_ = 0;
  std::atomic<std::int64_t> bytes_done_ = 0;
};

}  // namespace haloedge

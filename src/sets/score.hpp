#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "comm/funnel.hpp"
#include "core/bounded_queue.hpp"
#include "core/threads.hpp"
#include "run/run.hpp"
#include "sets/options.hpp"
#include "sets/set_run.hpp"
#include "sink/image_set.hpp"
#include "tables/score_table.hpp"

/// The output and the stages of `score`, which makes a row of scores of each image of a set and, on request, a
/// congestion map.
namespace haloedge {

/// Returns the options that decide the scores in one line, as a user would type them. Equal options give equal lines.
[[nodiscard]] std::string score_options_text(const ScoreCommand& command);

/// The output of `score`: a table with a row for each image and, if the command asks for them, a folder of congestion
/// maps. The command must outlive it.
class ScoreOutput {
 public:
  explicit ScoreOutput(const ScoreCommand& command) : command_(command), table_(command.set.output) {}
  ScoreOutput(const ScoreOutput&) = delete;
  ScoreOutput& operator=(const ScoreOutput&) = delete;
  ~ScoreOutput() = default;

  /// Throws Error or UsageError if the outputs must not be written, as when the table holds scores that were made with
  /// other options. For rank 0, before any work.
  void check() const;

  /// Describes the set to SetRun. This object must outlive the result.
  [[nodiscard]] SetTask task() const;

  /// Adds this run to the table and makes the folder of the maps. Collective. Throws Error.
  void begin(const SetRun& set_run, Run& run);

  /// Puts rows into the table. For rank 0, by one thread. Throws Error.
  void write(std::span<const ScoredImage> rows) const { table_.write(table_run_, rows); }

  [[nodiscard]] bool has_maps() const { return !command_.maps.empty(); }
  /// Writes the file of a map into the folder. By one thread. Throws Error, RunError.
  void write_map(const std::string& name, std::span<const std::byte> map) { maps_->write(name, map); }

  /// Ends this run in the table, and removes the files that only a running program needs. For rank 0.
  void conclude(bool is_complete) const;

 private:
  void check_folders() const;
  void open_maps(int run_number, Communicator& communicator);
  /// The folder for incomplete maps, inside the folder of the maps. Its name contains that of the table, so that runs
  /// with other tables use other folders.
  [[nodiscard]] std::filesystem::path aside_folder() const;

  const ScoreCommand& command_;
  ScoreTable table_;
  std::int64_t table_run_ = 0;  ///< number of this run in the table, on rank 0
  std::optional<ImageFolder> maps_;
};

/// Brings the rows of all ranks to rank 0, where one thread writes them, many at a time. The rows wait in a bounded
/// queue, and a rank has few rows under way, so that no rank runs ahead of the writing.
class ScoreWriter {
 public:
  /// Writes rows in one go. Called on rank 0, on the thread of the writer.
  using Write = std::function<void(std::span<const ScoredImage>)>;

  /// Made by all ranks. `write` is called on rank 0 only.
  ScoreWriter(Communicator& communicator, Write write);
  ScoreWriter(const ScoreWriter&) = delete;
  ScoreWriter& operator=(const ScoreWriter&) = delete;
  /// Without finish(), announces a failure. Rank 0 still writes the rows that it has.
  ~ScoreWriter();

  /// Waits if too many rows are not written. Throws the error of the writing as RunError, or PeerFailure. Any thread.
  void add(ScoredImage row);

  /// Called by all ranks when they have no more rows. On rank 0, waits until the rows of all ranks are written. Throws
  /// as add().
  void finish();

 private:
  void write_all();

  Communicator& communicator_;
  Write write_;
  BoundedQueue<ScoredImage> queue_;  ///< rows on rank 0
  Crew crew_;
  std::optional<Funnel> funnel_;
};

/// The stages of `score` on one rank, which bring an image from its file to its row in the table. The arguments must
/// outlive them.
[[nodiscard]] std::vector<SetStage> score_stages(const ScoreCommand& command, ScoreOutput& output, ScoreWriter& writer,
                                                 SetRun& set_run);

}  // namespace haloedge

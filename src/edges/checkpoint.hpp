#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "comm/communicator.hpp"
#include "edges/options.hpp"
#include "run/run_folder.hpp"
#include "sink/output.hpp"

namespace haloedge {

/// Keeps what an `edges` job has finished, so that another run can resume the job if it ends early. This is the file
/// `.NAME.partial`, in which the output grows, and the folder `.NAME.run` beside it. If a job ends early, both are
/// removed, unless it has kept a finished tile or has completed the partial file.
class EdgeCheckpoint {
 public:
  /// Begins a run or, with --resume, continues an earlier run of the same options and input, if that has kept anything.
  /// Tells the user if there is nothing left to make. Collective. Throws Error on rank 0: as check_output(), RunFolder
  /// and commit(), and if it cannot examine the input.
  EdgeCheckpoint(const Output& output, const EdgesCommand& command, Communicator& communicator);
  EdgeCheckpoint(const EdgeCheckpoint&) = delete;
  EdgeCheckpoint& operator=(const EdgeCheckpoint&) = delete;
  ~EdgeCheckpoint();

  /// Returns true if there is nothing left to make: the output has its name.
  [[nodiscard]] bool is_complete() const { return is_complete_; }
  [[nodiscard]] const RunPlace& place() const { return place_; }
  /// The height of the tiles that earlier runs have kept; 0 if there are none.
  [[nodiscard]] std::int64_t tile_rows() const { return tile_rows_; }

  /// Makes the partial file, which must be complete, the output, and removes the folder. If the output is a dataset of
  /// an HDF5 file that exists, it is added to that file. For rank 0. Throws Error; partial file and folder then stay,
  /// and the next run with --resume does the same again.
  void commit();

 private:
  void begin(const EdgesCommand& command);
  /// True if the output exists: its file, and in an HDF5 file its dataset.
  [[nodiscard]] bool output_exists() const;
  /// Returns the description of the run that has made the output, if that is known. A file with several datasets has
  /// that of the last one that was added.
  [[nodiscard]] std::optional<std::string> note() const;
  /// True if `file` is the partial file that a run has completed, under this or another name.
  [[nodiscard]] bool is_completed(const std::filesystem::path& file) const;
  /// Gives the complete partial file the name of the output, or puts its dataset into the HDF5 file that has this name.
  void publish() const;
  void remove_leftovers();
  /// The file that commit() writes before it renames the partial file. It holds the identity of that file.
  [[nodiscard]] std::filesystem::path completion_file() const { return place_.folder / "complete"; }

  Output output_;
  RunPlace place_;
  std::int64_t tile_rows_ = 0;
  bool is_complete_ = false;
  std::optional<RunFolder> folder_;  ///< on rank 0, until commit()
};

}  // namespace haloedge

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

/// Lets another run go on with an `edges` job that has ended before its output was complete: the file `.NAME.partial`,
/// in which the output grows, and the folder `.NAME.run` beside it. If a job ends without its output, they stay if any
/// finished tile was kept, and are removed otherwise.
class EdgeCheckpoint {
 public:
  /// Begins a run; with --resume goes on with an earlier run of the same options and input, if it has left anything.
  /// Collective. Throws Error on rank 0: see check_output() and RunFolder, and if the input cannot be looked at.
  EdgeCheckpoint(const Output& output, const EdgesCommand& command, Communicator& communicator);
  EdgeCheckpoint(const EdgeCheckpoint&) = delete;
  EdgeCheckpoint& operator=(const EdgeCheckpoint&) = delete;
  ~EdgeCheckpoint();

  /// Returns true if there is nothing left to resume, because the output has its name already.
  [[nodiscard]] bool is_complete() const { return is_complete_; }
  [[nodiscard]] const RunPlace& place() const { return place_; }
  /// The height of the tiles that earlier runs have kept; 0 if there are none.
  [[nodiscard]] std::int64_t tile_rows() const { return tile_rows_; }

  /// Gives the partial file, which is complete, the output's name, and removes the folder. For rank 0. Throws Error.
  void commit();

 private:
  void begin(const Output& output, const EdgesCommand& command, const std::string& description);
  /// True if a run was killed between giving the output its name and removing the folder.
  [[nodiscard]] bool has_its_name() const;
  /// The file that identifies the partial file which is about to get the output's name.
  [[nodiscard]] std::filesystem::path mark() const { return place_.folder / "complete"; }

  std::filesystem::path output_;
  RunPlace place_;
  std::int64_t tile_rows_ = 0;
  bool is_complete_ = false;
  std::optional<RunFolder> folder_;  ///< on rank 0, until commit()
};

}  // namespace haloedge

#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <mutex>
#include <span>
#include <utility>

#include "comm/communicator.hpp"
#include "core/file.hpp"
#include "core/row_range.hpp"
#include "run/tile_journal.hpp"
#include "sink/output.hpp"

namespace haloedge {

/// The file in which a rank keeps compressed tiles until their places in the output are known.
[[nodiscard]] std::filesystem::path spill_path(const std::filesystem::path& folder, int run, int rank);

/// Reads tiles that runs have kept: uncompressed ones from the partial file, compressed ones from the runs' spill
/// files.
class KeptTileReader {
 public:
  explicit KeptTileReader(const OutputSpec& spec);

  /// Reads the tile's bytes, as many as its record says. Any thread. Throws Error.
  void read(const KeptTile& tile, std::span<std::byte> bytes);

 private:
  const File& file_of(const KeptTile& tile);

  std::filesystem::path folder_;
  std::filesystem::path partial_;
  bool compressed_;
  std::mutex guard_;
  std::map<std::pair<int, int>, File> files_;
};

/// Finds the rows of tiles that earlier runs of `spec` have finished: those of which each tile is where a journal says,
/// with the bytes it had. If ranks write together, each checks a part of the rows, else rank 0 checks all. Holds no
/// more than a part of `memory` bytes. Collective.
[[nodiscard]] FinishedRows find_finished_rows(const OutputSpec& spec, int threads, std::int64_t memory,
                                              Communicator& communicator);

}  // namespace haloedge

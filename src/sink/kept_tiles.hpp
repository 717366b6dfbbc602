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
#include "sink/output_spec.hpp"

namespace haloedge {

/// Where a rank puts compressed tiles until it is known where they go.
[[nodiscard]] std::filesystem::path spill_path(const std::filesystem::path& folder, int run, int rank);

/// Reads tiles that runs have put away: uncompressed ones in the partial file, compressed ones in the runs' spill
/// files.
class KeptTileReader {
 public:
  explicit KeptTileReader(const OutputSpec& spec);

  /// The tile's bytes, as many as its record says. Any thread. Throws Error.
  void read(const KeptTile& tile, std::span<std::byte> bytes);

 private:
  const File& file_of(const KeptTile& tile);

  std::filesystem::path folder_;
  std::filesystem::path partial_;
  bool compressed_;
  std::mutex guard_;
  std::map<std::pair<int, int>, File> files_;
};

/// The rows of tiles that earlier runs of `spec` have finished, as their journals tell and their files show: a row
/// counts if each of its tiles is where it was put, with the bytes it had. Ranks share in looking if they write
/// `together`, else rank 0 looks. Holds no more than a part of `memory` bytes. Collective.
[[nodiscard]] FinishedRows find_finished_rows(const OutputSpec& spec, bool together, int threads, std::int64_t memory,
                                              Communicator& communicator);

}  // namespace haloedge

#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "core/file.hpp"

namespace haloedge {

/// A finished tile of an output: where its bytes as they stand in the file were put, and what they add up to.
struct TileRecord {
  std::int64_t tile = 0;  ///< its number, counted row by row
  std::int64_t offset = 0;
  std::int64_t bytes = 0;
  std::uint32_t checksum = 0;
};

/// CRC-32, as in gzip.
[[nodiscard]] std::uint32_t checksum(std::span<const std::byte> bytes);

/// The file in which one rank notes the tiles that it has written. Records are written many at a time. Each has a
/// checksum, so that a record that was cut short, or never reached the disk, is not believed.
class TileJournal {
 public:
  /// Begins the journal of this rank in the `run`-th run in `folder`, of tiles `tile_rows` high. Throws Error.
  TileJournal(const std::filesystem::path& folder, int run, int rank, std::int64_t tile_rows);

  TileJournal(const TileJournal&) = delete;
  TileJournal& operator=(const TileJournal&) = delete;
  /// Writes down what it can of what was added.
  ~TileJournal();

  /// For a tile whose bytes have been written. Kept until flush().
  void add(const TileRecord& record) { waiting_.push_back(record); }
  [[nodiscard]] std::int64_t waiting() const { return std::ssize(waiting_); }
  /// Writes down what was added. Throws RunError where the disk takes no more.
  void flush();

 private:
  File file_;
  std::int64_t size_ = 0;
  std::vector<TileRecord> waiting_;
};

/// A tile that some run has put away.
struct KeptTile {
  TileRecord record;
  int run = 0;
  int rank = 0;
};

/// Calls `take` with each record in the journals in `folder` of tiles that are `tile_rows` high, older runs first: of a
/// tile's records the last one counts. Throws Error if the folder or a journal cannot be read.
void for_each_kept_tile(const std::filesystem::path& folder, std::int64_t tile_rows,
                        const std::function<void(const KeptTile&)>& take);

/// The height of the tiles that the journals in `folder` tell of; nothing if there are none.
[[nodiscard]] std::optional<std::int64_t> journaled_tile_rows(const std::filesystem::path& folder);

/// True if some run in `folder` has put a tile away.
[[nodiscard]] bool has_tiles(const std::filesystem::path& folder);

}  // namespace haloedge

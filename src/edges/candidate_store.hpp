#pragma once

#include <cstdint>
#include <span>

#include "core/buffer.hpp"
#include "core/file.hpp"

namespace haloedge {

/// Where a rank keeps its tiles' candidates between the passes: in memory, or in an unnamed file in the folder for
/// temporary files (TMPDIR), which should be on a disk of the node's own. Any thread, for different tiles.
class CandidateStore {
 public:
  enum class Place : std::uint8_t { memory, disk };

  /// Room for `tiles` of `tile_words` each. Throws Error if there is none.
  CandidateStore(std::int64_t tiles, std::int64_t tile_words, Place place);

  /// Throws RunError where the disk takes no more.
  void write(std::int64_t tile, std::span<const std::uint64_t> words);
  void read(std::int64_t tile, std::span<std::uint64_t> words) const;

  /// What a store in memory holds.
  [[nodiscard]] static std::int64_t memory_bytes(std::int64_t tiles, std::int64_t tile_words) {
    return tiles * tile_words * static_cast<std::int64_t>(sizeof(std::uint64_t));
  }

 private:
  [[nodiscard]] std::int64_t offset(std::int64_t tile) const { return memory_bytes(tile, tile_words_); }

  std::int64_t tile_words_;
  Buffer memory_;
  File file_;  ///< open if the place is the disk
};

}  // namespace haloedge

#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "core/buffer.hpp"
#include "core/file.hpp"
#include "edges/decomposition.hpp"
#include "edges/share_graph.hpp"
#include "run/trace.hpp"
#include "sink/sink.hpp"

namespace haloedge {

/// Keeps the candidates of a rank's tiles between the passes: in memory, or in an unnamed file in the folder for
/// temporary files (TMPDIR), which should be on a local disk. Thread-safe for different tiles.
class CandidateStore {
 public:
  /// Makes room for `tiles` tiles of `tile_words` words each. Throws Error if there is too little room.
  CandidateStore(std::int64_t tiles, std::int64_t tile_words, bool on_disk);

  /// Writes or reads the words of the tile with this number. Throws Error; RunError if the disk is full.
  void write(std::int64_t tile, std::span<const std::uint64_t> words);
  void read(std::int64_t tile, std::span<std::uint64_t> words) const;

  /// Bytes that a store in memory holds.
  [[nodiscard]] static std::int64_t memory_bytes(std::int64_t tiles, std::int64_t tile_words) {
    return tiles * tile_words * static_cast<std::int64_t>(sizeof(std::uint64_t));
  }

 private:
  [[nodiscard]] std::int64_t offset(std::int64_t tile) const { return memory_bytes(tile, tile_words_); }

  std::int64_t tile_words_;
  Buffer memory_;
  File file_;  ///< open if the candidates are on the disk
};

/// Keeps the candidates among a rank's pixels from Canny's first pass, which puts their classes (see
/// kernels/canny.hpp), until the second pass, which gets the edges among them. The components of a tile are found while
/// it is in the cache. Between the passes, two bits of each pixel are kept, and the components that reach the sides of
/// tiles.
class CandidateSink final : public Sink {
 public:
  CandidateSink(const TileGrid& grid, bool on_disk, Trace& trace);

  void put(TilePosition tile, std::span<const std::byte> classes) override;
  void end_round() override {}
  /// Does nothing, because settle() completes the work.
  void finish() override {}

  /// Decides which of the components that leave a tile are edges. Ranks 0 .. `active` - 1 have rows; other ranks have
  /// nothing to decide. Collective over the ranks that have rows.
  void settle(int active, Communicator& communicator);

  /// Writes the edges of a tile of this share, after settle(): 255 or 0. `edges` has the size of a whole tile; pixels
  /// outside the image are not touched. Any thread.
  void edges(TilePosition tile, const kernels::Plane& edges);

  /// Bytes that a rank holds in memory for its share, if at most one pixel in three begins a run of candidates.
  [[nodiscard]] static std::int64_t memory_bytes(const TileGrid& grid, bool on_disk, int threads);

 private:
  /// The working memory of one thread.
  struct Scratch {
    std::vector<std::uint64_t> words;
    kernels::ComponentFinder finder;
  };

  [[nodiscard]] std::unique_ptr<Scratch> take_scratch();
  void put_back(std::unique_ptr<Scratch> scratch);
  [[nodiscard]] kernels::CandidateBits bits_of(Scratch& scratch, TilePosition tile) const;

  TileGrid grid_;
  Trace& trace_;
  CandidateStore store_;
  ShareGraph graph_;
  std::mutex guard_;
  std::vector<std::unique_ptr<Scratch>> spare_;  ///< working memories that no thread uses
};

}  // namespace haloedge

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace haloedge {

/// A tile's place in the output's grid of tiles, counted in tiles.
struct TilePosition {
  std::int64_t row = 0;
  std::int64_t column = 0;
};

/// What a sink holds on a rank.
struct SinkMemory {
  std::int64_t fixed = 0;       ///< bytes
  std::int64_t a_tile_row = 0;  ///< bytes more for each row of tiles that a step finishes
};

/// Where finished tiles go. Made, advanced and finished by all ranks together.
class Sink {
 public:
  Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  virtual ~Sink() = default;

  /// Takes a finished tile of this rank's share: tile_rows * tile_columns samples without gaps, also at the image's
  /// right and lower edge, where what lies outside the image is zero. Called from many threads at once, once per tile,
  /// in any order.
  virtual void put(TilePosition tile, std::span<const std::byte> pixels) = 0;

  /// Called by every rank's main thread the same number of times, when no put() is running. Collective.
  virtual void end_round() = 0;

  /// Completes the output under its partial name. Collective, last call.
  virtual void finish() = 0;
};

}  // namespace haloedge

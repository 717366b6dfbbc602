#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "sink/sink.hpp"

namespace haloedge {

/// A file format's half of a sink: turns tiles into bytes and puts the bytes where they belong. With parallel writing
/// every rank has one for its share, with gathering rank 0 has one for all.
class TileStore {
 public:
  TileStore() = default;
  TileStore(const TileStore&) = delete;
  TileStore& operator=(const TileStore&) = delete;
  virtual ~TileStore() = default;

  /// Takes a tile as encode_tile() made it. Thread-safe.
  virtual void put(TilePosition tile, std::span<const std::byte> encoded) = 0;

  /// Called when no put() is running, by all ranks that have a store together; not at all by one that stores the tiles
  /// of other ranks.
  virtual void end_round() = 0;

  /// Called now and then during long work; what it throws ends that.
  using LookUp = std::function<void()>;

  /// Completes the file under its partial name. Collective over the ranks that have a store.
  virtual void finish(const LookUp& look_up) = 0;
};

}  // namespace haloedge

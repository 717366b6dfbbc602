#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>

#include "comm/communicator.hpp"
#include "run/trace.hpp"
#include "sink/output.hpp"
#include "sink/sink.hpp"

namespace haloedge {

/// The part of a sink that knows a file format: it writes encoded tiles to their places in the partial file, which
/// exists already. If all ranks write together, each has a store for its share; else rank 0 alone has one, for all
/// tiles.
class TileStore {
 public:
  TileStore() = default;
  TileStore(const TileStore&) = delete;
  TileStore& operator=(const TileStore&) = delete;
  virtual ~TileStore() = default;

  /// Takes a tile as it is in the file. Thread-safe.
  virtual void put(TilePosition tile, std::span<const std::byte> encoded) = 0;

  /// Called when no put() is running. Collective over the ranks that have a store. Not called at all for a store that
  /// takes the tiles of other ranks, which may come at any time.
  virtual void end_round() = 0;

  /// Called now and then during long work, which ends with what it throws.
  using CheckCancelled = std::function<void()>;

  /// Completes the file under its partial name. Collective over the ranks that have a store.
  virtual void finish(const CheckCancelled& check_cancelled) = 0;
};

// The kinds of stores. Each has a function that returns an upper bound of the bytes that the store holds on a rank; the
// bound is valid if no compressed tile is larger than its samples.

/// A TIFF. Tiles are encoded by encode_tiff_tile(). The partial file must be empty, or contain what earlier runs have
/// left.
///
/// Uncompressed tiles are written to their places at once. The place of a compressed tile depends on the sizes of all
/// tiles before it. So compressed tiles are kept in a spill file, and finish() copies them to their places when all
/// sizes are known.
///
/// If `spec.run` is set, the spill file has a name, a journal records where each tile was put, and the tiles of the
/// rows in `spec.finished` are those that earlier runs have kept.
[[nodiscard]] std::unique_ptr<TileStore> make_tiff_store(const OutputSpec& spec, Communicator& communicator,
                                                         Trace& trace);
[[nodiscard]] SinkMemory tiff_store_memory(const OutputSpec& spec, int rank);

/// A dataset of a new HDF5 file, with one chunk for each tile, whose samples come as they are. Ranks that write
/// together use parallel HDF5: the tiles of a round are held until its end and written in one collective call.
[[nodiscard]] std::unique_ptr<TileStore> make_hdf5_store(const OutputSpec& spec, Communicator& communicator,
                                                         Trace& trace);
[[nodiscard]] SinkMemory hdf5_store_memory(const OutputSpec& spec);

/// A PNG or JPEG, whose rows must be written in order by one rank. Samples come as they are; tiles that come before the
/// tiles above them are held.
[[nodiscard]] std::unique_ptr<TileStore> make_row_store(const OutputSpec& spec, Trace& trace);
[[nodiscard]] SinkMemory row_store_memory(const OutputSpec& spec);

}  // namespace haloedge

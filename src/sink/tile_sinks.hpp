#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "comm/communicator.hpp"
#include "run/trace.hpp"
#include "sink/sink.hpp"
#include "sink/tile_store.hpp"

namespace haloedge {

/// Turns a tile's samples into its bytes in the file. Thread-safe. Null if samples are stored as they are.
using TileEncoder = std::function<std::vector<std::byte>(std::span<const std::byte>)>;

/// A sink in which every rank writes its own tiles into one file that all ranks see.
[[nodiscard]] std::unique_ptr<Sink> make_direct_sink(std::unique_ptr<TileStore> store, TileEncoder encoder,
                                                     Communicator& communicator, Trace& trace);

/// A sink in which every rank encodes its own tiles and sends them to rank 0, which puts them into `store`; the other
/// ranks have no store. Rank 0 holds one message of tiles at a time.
[[nodiscard]] std::unique_ptr<Sink> make_gather_sink(std::unique_ptr<TileStore> store, TileEncoder encoder,
                                                     Communicator& communicator, Trace& trace);

/// Upper bound of the bytes that a gather sink of several ranks holds on a rank, without its store, if no encoded tile
/// has more than `tile_bytes`. Pure.
[[nodiscard]] std::int64_t gathering_bytes(std::int64_t tile_bytes);

}  // namespace haloedge

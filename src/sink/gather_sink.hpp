#pragma once

#include <memory>

#include "sink/direct_sink.hpp"

namespace haloedge {

/// Every rank encodes its own tiles and sends them to rank 0, where one thread takes them as they come and puts them
/// into `store`, which the other ranks have not. Tiles travel many in a message, by TileOutbox; rank 0 holds one
/// message at a time.
[[nodiscard]] std::unique_ptr<Sink> make_gather_sink(std::unique_ptr<TileStore> store, TileEncoder encoder,
                                                     Communicator& communicator, Profile& profile);

}  // namespace haloedge

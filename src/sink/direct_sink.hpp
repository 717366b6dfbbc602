#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "comm/communicator.hpp"
#include "core/profile.hpp"
#include "sink/sink.hpp"
#include "sink/tile_store.hpp"

namespace haloedge {

/// A tile's samples to its bytes in the file. Thread-safe. Null where they go as they are.
using TileEncoder = std::function<std::vector<std::byte>(std::span<const std::byte>)>;

/// The tile as it stands in the file; `storage` holds it if it is not the tile itself.
[[nodiscard]] std::span<const std::byte> encode_tile(const TileEncoder& encoder, std::span<const std::byte> pixels,
                                                     std::vector<std::byte>& storage, Profile& profile);

/// Every rank writes its own tiles into the one file that all see.
[[nodiscard]] std::unique_ptr<Sink> make_direct_sink(std::unique_ptr<TileStore> store, TileEncoder encoder,
                                                     Communicator& communicator, Profile& profile);

}  // namespace haloedge

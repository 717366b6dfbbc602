#pragma once

#include <filesystem>
#include <memory>

#include "comm/communicator.hpp"
#include "core/profile.hpp"
#include "formats/tiff_layout.hpp"
#include "sink/tile_store.hpp"

namespace haloedge {

/// One TIFF, written by all ranks that have a store (their tiles in rank order), or by one. `partial` exists already
/// and is shared by them. `writers` is null where this rank alone writes. Encoded tiles are those of
/// encode_tiff_tile().
///
/// Uncompressed tiles go to their places at once. Where compressed tiles go is known only when all tiles before them
/// are: they are kept in an unnamed file in the same folder and copied in finish(), when the ranks know each other's
/// sizes.
[[nodiscard]] std::unique_ptr<TileStore> make_tiff_store(const TiffImage& image, const std::filesystem::path& partial,
                                                         Communicator* writers, bool writes_head, Profile& profile);

}  // namespace haloedge

#pragma once

#include <filesystem>
#include <memory>

#include "comm/communicator.hpp"
#include "core/profile.hpp"
#include "sink/output_spec.hpp"
#include "sink/tile_store.hpp"

namespace haloedge {

/// One TIFF, written by all ranks that have a store (their tiles in rank order), or by one. `partial` exists already
/// and is shared by them; it is empty but for what earlier runs have left. `writers` is null where this rank, number
/// `rank`, writes alone. Encoded tiles are those of encode_tiff_tile().
///
/// Uncompressed tiles go to their places at once. Where compressed tiles go is known only when all tiles before them
/// are: they are kept in a spill file and copied in finish(), when the ranks know each other's sizes.
///
/// In a run that another can go on with (`spec.run`) the spill file has a name, a journal tells what was put where, and
/// the tiles of `spec.finished` rows are those that earlier runs have kept.
[[nodiscard]] std::unique_ptr<TileStore> make_tiff_store(const OutputSpec& spec, const std::filesystem::path& partial,
                                                         Communicator* writers, int rank, Profile& profile);

}  // namespace haloedge

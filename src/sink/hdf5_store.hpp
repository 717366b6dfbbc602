#pragma once

#include <filesystem>
#include <memory>

#include "comm/communicator.hpp"
#include "core/profile.hpp"
#include "sink/output_spec.hpp"
#include "sink/tile_store.hpp"

namespace haloedge {

/// A chunked dataset of a new HDF5 file, a tile a chunk. `writers` is null where this rank alone writes; else all its
/// ranks write together, by parallel HDF5, one collective write a round, which every rank joins. Tiles come as they
/// are; those of a round are held until its end.
[[nodiscard]] std::unique_ptr<TileStore> make_hdf5_store(const OutputSpec& spec, const std::filesystem::path& partial,
                                                         Communicator* writers, Profile& profile);

}  // namespace haloedge

#pragma once

#include <filesystem>
#include <memory>

#include "sink/output_spec.hpp"
#include "sink/tile_store.hpp"

namespace haloedge {

/// A PNG, written by one rank, which holds the whole edge map until finish(): PNG's rows must be written in order.
/// Tiles come as they are.
[[nodiscard]] std::unique_ptr<TileStore> make_png_store(const OutputSpec& spec, const std::filesystem::path& partial);

}  // namespace haloedge

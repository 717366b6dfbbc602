#pragma once

#include <filesystem>
#include <memory>

#include "core/profile.hpp"
#include "formats/row_writer.hpp"
#include "sink/output_spec.hpp"
#include "sink/tile_store.hpp"

namespace haloedge {

/// A writer for an edge map as a PNG or JPEG, whichever spec.path names; see RowWriterSpec.
[[nodiscard]] std::unique_ptr<RowWriter> make_row_writer(const OutputSpec& spec, const std::filesystem::path& path,
                                                         ByteSink sink = nullptr);

/// A PNG or JPEG, written by one rank: their rows must be written in order. Tiles come as they are; those that came
/// before the ones above them are held.
[[nodiscard]] std::unique_ptr<TileStore> make_row_store(const OutputSpec& spec, const std::filesystem::path& partial,
                                                        Profile& profile);

}  // namespace haloedge

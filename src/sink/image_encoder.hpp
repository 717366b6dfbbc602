#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "sink/output_spec.hpp"

namespace haloedge {

/// A whole edge map as the file, TIFF, PNG or JPEG, that one rank's sink would have written for `spec`: the same bytes.
/// Thread-safe. Throws Error.
[[nodiscard]] std::vector<std::byte> encode_image(const OutputSpec& spec, const kernels::ConstPixels& edges);

/// Copies a tile of an edge map to `samples`, without gaps; what lies outside the map is 0.
void copy_tile(const OutputSpec& spec, const kernels::ConstPixels& edges, std::int64_t tile_row,
               std::int64_t tile_column, std::span<std::byte> samples);

/// Upper bound of what encode_image() holds beside `edges`, its result included. Pure.
[[nodiscard]] std::int64_t encoding_bytes(const OutputSpec& spec);

}  // namespace haloedge

#pragma once

#include <cstdint>

#include "formats/tiled_image.hpp"
#include "source/source.hpp"

/// Upper bounds of the memory that the steps of a score hold. All pure.
namespace haloedge {

/// From a photo's file to its edges.
[[nodiscard]] std::int64_t score_photo_bytes(const Source& photo);

/// From a depth map's file to the edges of its levels.
[[nodiscard]] std::int64_t score_depth_bytes(const Source& depth);

/// From edges to the file of a congestion map, beside the edges. `weights`: how many the Gaussian has.
[[nodiscard]] std::int64_t score_map_bytes(const TiledImage& map, std::int64_t weights);

}  // namespace haloedge

#pragma once

#include <cstdint>
#include <vector>

#include "core/image.hpp"

namespace haloedge {

/// Returns the georeference of a part of an image, whose upper left pixel is at (row, column) of the image, from that
/// of the image: tie points, transformation matrix and rational polynomials then count from that pixel. Pure.
[[nodiscard]] std::vector<TiffTag> georeference_of_part(std::vector<TiffTag> geo_tags, std::int64_t row,
                                                        std::int64_t column);

}  // namespace haloedge

#pragma once

#include <cstddef>
#include <vector>

#include "kernels/kernels.hpp"

namespace haloedge {

/// Computes the edge map of a whole image in memory by the definition, pixel by pixel, with border_index() for each
/// neighbour. It is slow, and shares no code with the program's rows, tiles and halos.
[[nodiscard]] std::vector<std::byte> whole_image_edges(const kernels::ConstPixels& source, kernels::Gray gray,
                                                       kernels::Border border, const kernels::EdgeFilter& filter);

}  // namespace haloedge

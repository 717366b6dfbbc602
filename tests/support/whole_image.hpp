#pragma once

#include <cstddef>
#include <vector>

#include "kernels/kernels.hpp"

namespace haloedge {

/// The right answer, slowly: the edge map of a whole image in memory, each pixel by the definition, each neighbour
/// looked up through border_index(). Nothing of it is shared with how the program holds rows, tiles or halos.
[[nodiscard]] std::vector<std::byte> whole_image_edges(const kernels::ConstPixels& source, kernels::Gray gray,
                                                       kernels::Border border, const kernels::EdgeFilter& filter);

}  // namespace haloedge

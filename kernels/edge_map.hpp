#pragma once

#include "kernels/backend.hpp"
#include "kernels/kernels.hpp"

namespace haloedge::kernels {

/// The edge map of a whole image in memory on the calling thread: gray rows are made a few at a time and filtered while
/// they are in the cache. `out` has the size of `source`, neither is empty, and they do not overlap; filter.gray_type
/// is source.type, filter.out_type is out.type.
void edge_map(const Backend& backend, const ConstPixels& source, Gray weights, const EdgeFilter& filter, Border border,
              const Plane& out);

}  // namespace haloedge::kernels

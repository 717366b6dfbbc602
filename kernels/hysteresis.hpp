#pragma once

#include "kernels/kernels.hpp"

namespace haloedge::kernels {

/// Canny's hysteresis over a whole image in memory: classes (see canny.hpp) become 255 for candidates that are
/// 8-connected to a strong one, over candidates, and 0 for all else.
void keep_connected(const Plane& classes);

}  // namespace haloedge::kernels

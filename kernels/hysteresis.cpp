#include "kernels/hysteresis.hpp"

#include "kernels/reference/reference.hpp"

namespace haloedge::kernels {

void keep_connected(const Plane& classes) { reference::flood_edges(classes); }

}  // namespace haloedge::kernels

#include "kernels/openmp/rows.hpp"
#include "kernels/reference/reference.hpp"

namespace haloedge::kernels::openmp {

void blur(const GaussianWeights& weights, const std::byte* const* gray_rows, std::int64_t column, const Plane& out) {
  reference::blur(weights, gray_rows, column, out);
}

}  // namespace haloedge::kernels::openmp

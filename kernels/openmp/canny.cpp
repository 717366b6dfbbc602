#include "kernels/openmp/rows.hpp"
#include "kernels/reference/reference.hpp"

namespace haloedge::kernels::openmp {

void candidates(const CannyFilter& filter, const std::byte* const* gray_rows, std::int64_t column, ImageEnds ends,
                const Plane& out) {
  reference::candidates(filter, gray_rows, column, ends, out);
}

}  // namespace haloedge::kernels::openmp

#define HALOEDGE_GRAY_SAMPLE float
#include "kernels/cpu/stencil-inl.hpp"
#include "kernels/cpu/stencil.hpp"

namespace haloedge::kernels::cpu {

HWY_EXPORT(filter_pixels);

template <>
void edges_of<float>(const EdgeFilter& filter, const std::byte* const* gray_rows, std::int64_t column,
                     const Plane& out) {
  HWY_DYNAMIC_DISPATCH(filter_pixels)(filter, gray_rows, column, out);
}

}  // namespace haloedge::kernels::cpu

#include "kernels/cpu/stencil.hpp"

#include "kernels/cpu/cpu.hpp"
#include "kernels/dispatch.hpp"

namespace haloedge::kernels::cpu {

void edges(const EdgeFilter& filter, const std::byte* const* gray_rows, std::int64_t column, const Plane& out) {
  with_sample(filter.gray_type,
              [&](auto gray) { edges_of<typename decltype(gray)::Type>(filter, gray_rows, column, out); });
}

}  // namespace haloedge::kernels::cpu

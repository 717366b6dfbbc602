#include "kernels/cpu/stencil.hpp"

#include "kernels/cpu/cpu.hpp"
#include "kernels/dispatch.hpp"
#include "kernels/reference/reference.hpp"

namespace haloedge::kernels::cpu {

void edges(const EdgeFilter& filter, const std::byte* const* gray_rows, std::int64_t column, const Plane& out) {
  // Doubles are seldom, and take longer to read than to filter.
  if (filter.gray_type == SampleType::f64) return reference::edges(filter, gray_rows, column, out);
  with_sample(filter.gray_type,
              [&](auto gray) { edges_of<typename decltype(gray)::Type>(filter, gray_rows, column, out); });
}

}  // namespace haloedge::kernels::cpu

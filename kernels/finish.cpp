#include "kernels/kernels.hpp"

namespace haloedge::kernels {

float finish_factor(const EdgeFilter& filter, double scale) {
  const double full_in = filter.component == Component::direction ? 1.0 : full_scale(filter.gray_type);
  return static_cast<float>(scale * full_scale(filter.out_type) / full_in);
}

}  // namespace haloedge::kernels

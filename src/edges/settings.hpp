#pragma once

#include <cstdint>
#include <optional>

#include "kernels/canny.hpp"
#include "kernels/gaussian.hpp"
#include "kernels/kernels.hpp"

namespace haloedge {

/// The parameters of Canny's detector for 8-bit gray.
struct CannySettings {
  kernels::GaussianWeights blur;
  kernels::CannyFilter filter;
};

/// The parameters that decide the pixels of an edge map, and the size of its tiles.
struct EdgeSettings {
  kernels::Gray gray = kernels::Gray::bt601;
  kernels::Border border = kernels::Border::reflect;
  kernels::EdgeFilter filter;
  std::optional<CannySettings> canny{};  ///< instead of the filter
  std::int64_t tile = 256;               ///< width and height of an output tile, a multiple of tiff_tile_granule

  /// Rows and columns beyond a pixel that decide its value, or whether it is a candidate.
  [[nodiscard]] std::int64_t radius() const {
    return canny ? canny->blur.radius() + kernels::canny_radius : kernels::stencil_radius;
  }
};

}  // namespace haloedge

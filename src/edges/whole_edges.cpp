#include "edges/whole_edges.hpp"

#include "kernels/edge_map.hpp"

namespace haloedge {

void make_whole_edges(const kernels::Backend& backend, const EdgeOptions& options, const kernels::ConstPixels& pixels,
                      const kernels::Plane& out) {
  const EdgeSettings settings = edge_settings(options, pixels.type);
  if (!settings.canny) {
    return kernels::edge_map(backend, pixels, settings.gray, settings.filter, settings.border, out);
  }
  const kernels::BorderedPlane gray = kernels::canny_gray(backend, pixels, settings.gray, settings.canny->blur);
  const kernels::Norm norm = settings.canny->filter.norm;
  kernels::MagnitudeCounts counts(kernels::magnitude_bins);
  if (needs_magnitudes(options.canny)) {
    kernels::count_magnitudes(norm, gray.rows(kernels::stencil_radius), 0, out.width, out.rows, counts);
  }
  kernels::canny_map(backend, gray, canny_filter(options.canny, norm, counts), out);
}

std::int64_t whole_edges_bytes(const EdgeSettings& settings, std::int64_t width, std::int64_t height) {
  return settings.canny ? kernels::canny_map_bytes(width, height, settings.canny->blur.radius()) : 0;
}

}  // namespace haloedge

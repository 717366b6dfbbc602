#include "kernels/canny_map.hpp"

#include "kernels/hysteresis.hpp"

namespace haloedge::kernels {

namespace {

BorderedPlane gray_with_margin(const Backend& backend, const ConstPixels& source, Gray weights, std::int64_t margin,
                               Border border) {
  BorderedPlane gray(source.width, source.rows, source.type, margin);
  backend.gray(source, weights, gray.plane());
  gray.fill_border(border);
  return gray;
}

}  // namespace

BorderedPlane canny_gray(const Backend& backend, const ConstPixels& source, Gray weights, const GaussianWeights& blur) {
  if (blur.radius() == 0) return gray_with_margin(backend, source, weights, canny_radius, Border::nearest);
  const BorderedPlane sharp = gray_with_margin(backend, source, weights, blur.radius(), Border::mirror);
  BorderedPlane gray(source.width, source.rows, source.type, canny_radius);
  backend.blur(blur, sharp.rows(blur.radius()), 0, gray.plane());
  gray.fill_border(Border::nearest);
  return gray;
}

void canny_map(const Backend& backend, const BorderedPlane& gray, const CannyFilter& filter, const Plane& out) {
  backend.candidates(filter, gray.rows(canny_radius), 0, {true, true, true, true}, out);
  keep_connected(out);
}

}  // namespace haloedge::kernels

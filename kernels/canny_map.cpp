#include "kernels/canny_map.hpp"

#include <utility>

namespace haloedge::kernels {

CannyGray::CannyGray(const Backend& backend, std::int64_t width, std::int64_t rows, Gray weights, GaussianWeights blur)
    : backend_(backend), weights_(weights), blur_(std::move(blur)), gray_(width, rows, SampleType::u8, canny_radius) {
  if (blur_.radius() > 0) sharp_.emplace(width, rows, SampleType::u8, blur_.radius());
}

const BorderedPlane& CannyGray::make(const ConstPixels& source) {
  if (sharp_) {
    backend_.gray(source, weights_, sharp_->plane());
    sharp_->fill_border(Border::mirror);
    backend_.blur(blur_, sharp_->rows(blur_.radius()), 0, gray_.plane());
  } else {
    backend_.gray(source, weights_, gray_.plane());
  }
  gray_.fill_border(Border::nearest);
  return gray_;
}

BorderedPlane canny_gray(const Backend& backend, const ConstPixels& source, Gray weights, const GaussianWeights& blur) {
  CannyGray gray(backend, source.width, source.rows, weights, blur);
  (void)gray.make(source);
  return std::move(gray).release();
}

void canny_map(const Backend& backend, const BorderedPlane& gray, const CannyFilter& filter,
               ImageHysteresis& hysteresis, const Plane& out) {
  backend.candidates(filter, gray.rows(canny_radius), 0, {true, true, true, true}, out);
  hysteresis.apply({out.data, out.row_bytes, out.width, out.rows, out.type, 1}, out);
}

void canny_map(const Backend& backend, const BorderedPlane& gray, const CannyFilter& filter, const Plane& out) {
  ImageHysteresis hysteresis(out.width, out.rows);
  canny_map(backend, gray, filter, hysteresis, out);
}

}  // namespace haloedge::kernels

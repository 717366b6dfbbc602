#include "kernels/bordered_plane.hpp"

#include <cstring>

namespace haloedge::kernels {

BorderedPlane::BorderedPlane(std::int64_t width, std::int64_t rows, SampleType type, std::int64_t margin)
    : width_(width),
      rows_(rows),
      type_(type),
      margin_(margin),
      stride_(stride_of(width, type, margin)),
      memory_(static_cast<std::size_t>((rows + 2 * margin) * stride_ + line_bytes)) {
  pointers_.reserve(static_cast<std::size_t>(rows + 2 * margin));
  for (std::int64_t i = 0; i < rows + 2 * margin; ++i) {
    pointers_.push_back(memory_.data() + i * stride_ + margin * sample_bytes(type));
  }
}

Plane BorderedPlane::plane() {
  return {memory_.data() + margin_ * (stride_ + sample_bytes(type_)), stride_, width_, rows_, type_};
}

ConstPixels BorderedPlane::pixels() const {
  return {pointers_[static_cast<std::size_t>(margin_)], stride_, width_, rows_, type_, 1};
}

void BorderedPlane::fill_border(Border border) {
  const Plane image = plane();
  const auto row = [&](std::int64_t y) { return image.data + y * stride_; };
  for (std::int64_t y = 0; y < rows_; ++y) fill_row_margins(row(y), width_, margin_, {border, type_});
  const std::int64_t lead = margin_ * sample_bytes(type_);
  const auto bytes = static_cast<std::size_t>((width_ + 2 * margin_) * sample_bytes(type_));
  const auto fill = [&](std::int64_t y) {
    const std::int64_t from = border_index(y, rows_, border);
    if (from < 0) {
      std::memset(row(y) - lead, 0, bytes);
    } else {
      std::memcpy(row(y) - lead, row(from) - lead, bytes);
    }
  };
  for (std::int64_t i = 1; i <= margin_; ++i) {
    fill(-i);
    fill(rows_ - 1 + i);
  }
}

}  // namespace haloedge::kernels

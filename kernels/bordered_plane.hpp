#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/kernels.hpp"

namespace haloedge::kernels {

/// A whole gray image in memory with room for a border around it.
class BorderedPlane {
 public:
  /// `margin` rows and columns on each side of `rows` times `width` samples, which are not set.
  BorderedPlane(std::int64_t width, std::int64_t rows, SampleType type, std::int64_t margin);

  /// The image within the border.
  [[nodiscard]] Plane plane();
  [[nodiscard]] ConstPixels pixels() const;
  [[nodiscard]] std::int64_t margin() const { return margin_; }

  /// Puts what stands outside under `border` around the image.
  void fill_border(Border border);

  /// Column 0 of each row from `margin` rows above the image's row `first` on: what kernels of a radius of `margin`
  /// take. Needs margin <= margin().
  [[nodiscard]] const std::byte* const* rows(std::int64_t margin, std::int64_t first = 0) const {
    return pointers_.data() + (margin_ - margin) + first;
  }

 private:
  std::int64_t width_;
  std::int64_t rows_;
  SampleType type_;
  std::int64_t margin_;
  std::int64_t stride_;
  std::vector<std::byte> memory_;
  std::vector<const std::byte*> pointers_;  ///< column 0 of each row, those of the border too
};

}  // namespace haloedge::kernels

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/kernels.hpp"

namespace haloedge::kernels {

/// A whole gray image in memory with room for a border around it.
class BorderedPlane {
 public:
  /// `margin` rows and columns on each side of `width` x `rows` samples, all of them uninitialised.
  BorderedPlane(std::int64_t width, std::int64_t rows, SampleType type, std::int64_t margin);

  /// The image without the border.
  [[nodiscard]] Plane plane();
  [[nodiscard]] ConstPixels pixels() const;
  [[nodiscard]] std::int64_t margin() const { return margin_; }

  /// Fills the margins from the image, as `border` says.
  void fill_border(Border border);

  /// Bytes that one plane holds.
  [[nodiscard]] static constexpr std::int64_t memory_bytes(std::int64_t width, std::int64_t rows, SampleType type,
                                                           std::int64_t margin) {
    constexpr auto pointer = static_cast<std::int64_t>(sizeof(const std::byte*));
    return (rows + 2 * margin) * (stride_of(width, type, margin) + pointer) + line_bytes;
  }

  /// Pointers to column 0 of each row, the first `margin` rows above row `first` of the image, as kernels with a radius
  /// of `margin` take them. `margin` must not exceed margin().
  [[nodiscard]] const std::byte* const* rows(std::int64_t margin, std::int64_t first = 0) const {
    return pointers_.data() + (margin_ - margin) + first;
  }

 private:
  /// Rows are padded to cache lines; vectors may read a line beyond the last row.
  static constexpr std::int64_t line_bytes = 64;

  [[nodiscard]] static constexpr std::int64_t stride_of(std::int64_t width, SampleType type, std::int64_t margin) {
    const std::int64_t bytes = (width + 2 * margin) * sample_bytes(type);
    return (bytes + line_bytes - 1) / line_bytes * line_bytes;
  }

  std::int64_t width_;
  std::int64_t rows_;
  SampleType type_;
  std::int64_t margin_;
  std::int64_t stride_;
  std::vector<std::byte> memory_;
  std::vector<const std::byte*> pointers_;  ///< column 0 of each row, including those of the border
};

}  // namespace haloedge::kernels

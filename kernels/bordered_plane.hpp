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

  /// What one holds.
  [[nodiscard]] static constexpr std::int64_t memory_bytes(std::int64_t width, std::int64_t rows, SampleType type,
                                                           std::int64_t margin) {
    constexpr auto pointer = static_cast<std::int64_t>(sizeof(const std::byte*));
    return (rows + 2 * margin) * (stride_of(width, type, margin) + pointer) + line_bytes;
  }

  /// Column 0 of each row from `margin` rows above the image's row `first` on: what kernels of a radius of `margin`
  /// take. Needs margin <= margin().
  [[nodiscard]] const std::byte* const* rows(std::int64_t margin, std::int64_t first = 0) const {
    return pointers_.data() + (margin_ - margin) + first;
  }

 private:
  /// Rows end on lines of the cache, and vectors may read beyond the last one.
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
  std::vector<const std::byte*> pointers_;  ///< column 0 of each row, those of the border too
};

}  // namespace haloedge::kernels

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/arithmetic.hpp"
#include "kernels/kernels.hpp"

namespace haloedge::kernels {

/// A whole gray image in memory with room for a border around it.
class BorderedPlane {
 public:
  /// Allocates `width` x `rows` samples and `margin` rows and columns on each side of them. All are 0.
  BorderedPlane(std::int64_t width, std::int64_t rows, SampleType type, std::int64_t margin);

  BorderedPlane(const BorderedPlane&) = delete;  // pointers_ would point into the original
  BorderedPlane& operator=(const BorderedPlane&) = delete;
  BorderedPlane(BorderedPlane&&) = default;
  BorderedPlane& operator=(BorderedPlane&&) = default;
  ~BorderedPlane() = default;

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

  /// Returns what kernels with a radius of `margin` take as their rows: pointers to column 0 of consecutive rows, from
  /// `margin` rows above row `first` of the image on. `margin` must not exceed margin().
  [[nodiscard]] const std::byte* const* rows(std::int64_t margin, std::int64_t first = 0) const {
    return pointers_.data() + (margin_ - margin) + first;
  }

 private:
  /// The size of a cache line. Rows are padded to whole lines. One more line follows the last row, because vectors may
  /// read beyond it.
  static constexpr std::int64_t line_bytes = 64;

  [[nodiscard]] static constexpr std::int64_t stride_of(std::int64_t width, SampleType type, std::int64_t margin) {
    return round_up((width + 2 * margin) * sample_bytes(type), line_bytes);
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

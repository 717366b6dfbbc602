#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/canny.hpp"
#include "kernels/kernels.hpp"

namespace haloedge::kernels {

/// An image of noise with borders that wrap around, and the reference backend's results for it. Samples are between 0
/// and a quarter of the full scale, so that few edges saturate.
class Noise {
 public:
  Noise(std::int64_t width, std::int64_t rows, SampleType type, int channels);

  [[nodiscard]] std::int64_t rows() const { return image_.rows; }
  [[nodiscard]] std::int64_t row_bytes() const { return image_.row_bytes; }

  /// Copies row i, modulo the number of rows, to `row`, where column 0 is, with a border of `radius` columns beside it:
  /// wrapped around for edges, the nearest pixels for Canny.
  void put_row(std::int64_t i, std::byte* row, std::int64_t radius, bool for_canny) const;

  /// Returns the edge map, or Canny's classes, without padding.
  [[nodiscard]] std::vector<std::byte> edges(const EdgeFilter& filter) const;
  [[nodiscard]] std::vector<std::byte> classes(const CannyFilter& filter) const;

 private:
  std::vector<std::byte> memory_;
  ConstPixels image_;
};

}  // namespace haloedge::kernels

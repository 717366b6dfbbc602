#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace haloedge::kernels {

/// The difference hash of an image: gray is shrunk to 9 x 8 samples, and bit 8 y + x tells whether sample (x + 1, y) is
/// brighter than (x, y). Shrinking is OpenCV's bilinear resize of bytes, to the bit: 11-bit weights, two samples each
/// way, so that no more than 16 rows and 18 columns are looked at. Any size from 1 x 1 on.
/// Source: N. Krawetz, "Kind of like that", hackerfactor.com, 2013.
class Dhash {
 public:
  Dhash(std::int64_t width, std::int64_t height);

  /// The image's rows that are looked at, each once, rising.
  [[nodiscard]] const std::vector<std::int64_t>& rows() const { return rows_; }

  /// The hash of the gray rows rows(), in their order, each of the image's width.
  [[nodiscard]] std::uint64_t of(std::span<const std::uint8_t* const> gray_rows) const;

 private:
  static constexpr std::size_t columns_out = 9;
  static constexpr std::size_t rows_out = 8;

  /// Two samples next to each other and their weights, in units of 1/2048.
  struct Tap {
    std::int64_t first = 0;
    std::int64_t second = 0;
    std::int32_t first_weight = 0;
    std::int32_t second_weight = 0;
  };
  [[nodiscard]] static Tap tap(std::int64_t at, std::int64_t out_size, std::int64_t size);

  std::array<Tap, columns_out> column_taps_;
  std::array<Tap, rows_out> row_taps_;  ///< of places in rows_
  std::vector<std::int64_t> rows_;
};

}  // namespace haloedge::kernels

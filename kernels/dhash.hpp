#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace haloedge::kernels {

/// Computes the difference hash of images of one size, 1 x 1 or more: gray is shrunk to 9 x 8 samples, and bit 8 y + x
/// is set if sample (x + 1, y) is brighter than (x, y). The samples are those of OpenCV's bilinear resize of bytes, to
/// the bit: weights have 11 bits and each sample depends on two rows and two columns, so that at most 16 rows and 18
/// columns of the image count. N. Krawetz, "Kind of like that", hackerfactor.com, 2013.
class Dhash {
 public:
  Dhash(std::int64_t width, std::int64_t height);

  /// The most rows that the hash depends on.
  static constexpr std::int64_t max_rows = 16;
  /// The rows of the image that the hash depends on, each once, in rising order.
  [[nodiscard]] const std::vector<std::int64_t>& rows() const { return rows_; }

  struct Result {
    std::uint64_t hash = 0;
    bool flat = false;  ///< no two neighbouring samples in a row differ, so that the hash is 0 and says nothing
    friend bool operator==(const Result&, const Result&) = default;
  };
  /// Hashes an image. `gray_rows` are those rows of the image that rows() lists, in the same order.
  [[nodiscard]] Result of(std::span<const std::uint8_t* const> gray_rows) const;

 private:
  static constexpr std::size_t columns_out = 9;
  static constexpr std::size_t rows_out = max_rows / 2;

  /// Two neighbouring samples and their weights, in units of 1/2048.
  struct Tap {
    std::int64_t first = 0;
    std::int64_t second = 0;
    std::int32_t first_weight = 0;
    std::int32_t second_weight = 0;
  };
  [[nodiscard]] static Tap tap(std::int64_t at, std::int64_t out_size, std::int64_t size);

  std::array<Tap, columns_out> column_taps_;
  std::array<Tap, rows_out> row_taps_;  ///< first and second are indices into rows_
  std::vector<std::int64_t> rows_;
};

}  // namespace haloedge::kernels

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "kernels/bordered_plane.hpp"
#include "kernels/kernels.hpp"

namespace haloedge::kernels {

/// The pixels of an image that stand for nothing: no data.
struct NodataRule {
  bool alpha = false;             ///< pixels whose alpha is 0
  bool nan = false;               ///< pixels whose colours are NaN
  std::optional<double> value{};  ///< pixels whose stored samples have this value
  Gray gray = Gray::bt601;        ///< decides which colours count: all, or one

  [[nodiscard]] bool is_active() const { return alpha || nan || value; }
};

/// A mask has a byte for each pixel: 0, or another value for nodata.

/// Writes the mask of `pixels` to `mask`, whose rows are `stride` bytes apart. A pixel is nodata if each colour that
/// counts is the value or NaN.
void mark_nodata(const ConstPixels& pixels, const NodataRule& rule, std::byte* mask, std::int64_t stride);

/// Writes `value` to all samples of `out` that have nodata within `radius` rows and columns. `mask_rows` has out.rows +
/// 2 * radius pointers, each to column 0 of a row of the mask; the first row is `radius` rows above the first of `out`.
/// Columns [column - radius, column + out.width + radius) of each row are read.
void put_nodata(const std::byte* const* mask_rows, std::int64_t column, std::int64_t radius, double value,
                const Plane& out);

/// Calls `take(row, first, count)` for each run of pixels in a rectangle that have no nodata within `radius` rows and
/// columns. Rows and columns are those of put_nodata(); `first` counts from `column`.
using DataRun = std::function<void(std::int64_t row, std::int64_t first, std::int64_t count)>;
void find_data(const std::byte* const* mask_rows, std::int64_t column, std::int64_t radius, std::int64_t width,
               std::int64_t rows, const DataRun& take);

/// The mask of a whole image in memory.
class NodataMask {
 public:
  /// The results that are made of these pixels have support of `radius` rows and columns, with this border.
  NodataMask(const ConstPixels& pixels, const NodataRule& rule, Border border, std::int64_t radius);

  /// Writes `value` to the results without data. `out` has the size of the image.
  void put(double value, const Plane& out) const { put_nodata(mask_.rows(radius_), 0, radius_, value, out); }
  /// Calls `take` for the runs of results with data.
  void find_data(const DataRun& take) const {
    const ConstPixels mask = mask_.pixels();
    kernels::find_data(mask_.rows(radius_), 0, radius_, mask.width, mask.rows, take);
  }

 private:
  std::int64_t radius_;
  BorderedPlane mask_;
};

}  // namespace haloedge::kernels

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/row_range.hpp"
#include "kernels/kernels.hpp"

namespace haloedge {

/// The size and the kind of the rows of one rank. They hold gray or, if a device converts them to gray, the pixels of
/// the source.
struct StripShape {
  RowRange share;           ///< the rows that this rank makes
  std::int64_t height = 0;  ///< of the whole image
  std::int64_t width = 0;
  kernels::BorderFill fill{};
  bool is_masked = false;   ///< each row is followed by its mask of nodata: see kernels/nodata.hpp
  std::int64_t radius = 0;  ///< rows and columns around a pixel that the filter reads
  bool has_above = false;   ///< another rank (or, wrapping, the image's other end) has the rows above the share
  bool has_below = false;

  [[nodiscard]] std::int64_t pixel_bytes() const { return fill.pixel_bytes(); }
  /// Bytes of a row without margins: its pixels, and its mask if there is one.
  [[nodiscard]] std::int64_t row_bytes() const { return width * (pixel_bytes() + (is_masked ? 1 : 0)); }
};

/// The rows that a rank holds at a time: those of a few units, each in a slab that is reused once its rows are done,
/// and the halo rows above and below the share. Every row has `radius` columns of border on either side; its column 0
/// is at a multiple of 64 bytes from the beginning of the memory.
class Strip {
 public:
  /// Holds up to `slabs` units of up to `slab_rows` rows. `memory` has memory_bytes() and must outlive the strip.
  Strip(const StripShape& shape, int slabs, std::int64_t slab_rows, std::span<std::byte> memory);

  /// Bytes that a strip of this shape needs.
  [[nodiscard]] static std::int64_t memory_bytes(const StripShape& shape, int slabs, std::int64_t slab_rows);

  [[nodiscard]] const StripShape& shape() const { return shape_; }

  /// Gives `unit` a free slab.
  void admit(RowRange unit);
  /// Frees the slab of `unit`.
  void release(RowRange unit);
  /// True if all of `rows` are in admitted units.
  [[nodiscard]] bool holds(RowRange rows) const;

  /// Returns the place in memory of the pixel (row, column) of an admitted unit. Each further row begins stride() bytes
  /// after the one before.
  [[nodiscard]] std::byte* part(std::int64_t row, std::int64_t column, std::int64_t rows, std::int64_t width);
  [[nodiscard]] std::int64_t stride() const { return stride_; }
  /// Bytes from column 0 of a row to column 0 of its mask.
  [[nodiscard]] std::int64_t mask_offset() const { return mask_offset_; }
  /// Returns the place of the pixel's byte in the mask, as part() does for the pixel.
  [[nodiscard]] std::byte* mask_part(std::int64_t row, std::int64_t column) {
    return part(row, 0, 1, 0) + mask_offset_ + column;
  }

  /// Fills the border columns beside the rows of an admitted unit, whose pixels must be complete.
  void fill_margins(RowRange unit);

  /// Returns the place in memory of column 0 of an admitted row.
  [[nodiscard]] const std::byte* row(std::int64_t row) const;

  /// Copies row_bytes() of an admitted row, without gaps, to `to`.
  void copy_row(std::int64_t row, std::byte* to) const;

  // The memory of an admitted unit, of the halo, and of the row of zeros that a constant border uses.
  [[nodiscard]] std::span<const std::byte> unit_memory(RowRange unit) const;
  [[nodiscard]] std::span<const std::byte> halo_memory() const { return memory_of(halo_, 2 * shape_.radius); }
  [[nodiscard]] std::span<const std::byte> constant_memory() const { return memory_of(constant_, 1); }

  /// Copies `radius` rows of row_bytes() each, without gaps, into the halo, and fills their margins.
  void set_halo_above(const std::byte* rows) { set_halo(rows, 0); }
  void set_halo_below(const std::byte* rows) { set_halo(rows, shape_.radius); }

  /// Returns the place in memory of column 0 of a row, which may lie up to `radius` rows outside the share or the
  /// image: it is an admitted row, a halo row, or a row that the border puts there.
  [[nodiscard]] const std::byte* at(std::int64_t row) const;

  /// Returns at() of each row from `radius` above `rows` to `radius` below.
  [[nodiscard]] std::vector<const std::byte*> around(RowRange rows) const;
  /// Returns the rows of the mask that belong to around(rows).
  [[nodiscard]] std::vector<const std::byte*> mask_around(RowRange rows) const;

  /// The rows of the share that around(rows) refers to, and whether it refers to halo rows. Pure.
  struct Needs {
    std::vector<std::int64_t> rows;
    bool halo = false;
  };
  [[nodiscard]] static Needs needs(const StripShape& shape, RowRange rows);

 private:
  struct Slab {
    RowRange unit;
    std::byte* memory;
  };

  /// The place of a row: in the share, in the halo (rows 0 to 2 radius - 1), or nowhere, if the border is constant.
  struct Place {
    enum class Kind { share, halo, constant } kind;
    std::int64_t row;
  };
  [[nodiscard]] static Place locate(const StripShape& shape, std::int64_t row);

  [[nodiscard]] static std::int64_t stride_of(const StripShape& shape);
  /// The bytes of a row in memory, with its margins, of which pixels have `pixel_bytes` bytes.
  [[nodiscard]] static std::int64_t padded(const StripShape& shape, std::int64_t pixel_bytes);
  [[nodiscard]] std::byte* row_in(std::byte* memory, std::int64_t index) const;
  [[nodiscard]] std::span<const std::byte> memory_of(const std::byte* memory, std::int64_t rows) const {
    return {memory, static_cast<std::size_t>(rows * stride_)};
  }
  [[nodiscard]] const Slab* find(std::int64_t row) const;
  void set_halo(const std::byte* rows, std::int64_t first);
  void fill_margin(std::byte* row) const;

  StripShape shape_;
  std::int64_t stride_;
  std::int64_t mask_offset_;
  std::int64_t slab_rows_;
  std::byte* halo_;      ///< `radius` rows from above, and as many from below
  std::byte* constant_;  ///< one row of pixels that stand for 0
  std::vector<Slab> slabs_;
};

}  // namespace haloedge

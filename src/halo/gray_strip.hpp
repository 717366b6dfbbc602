#pragma once

#include <cstdint>
#include <vector>

#include "core/buffer.hpp"
#include "core/row_range.hpp"
#include "kernels/kernels.hpp"

namespace haloedge {

/// Size and kind of the gray rows of one rank.
struct StripShape {
  RowRange share;           ///< the rows that this rank makes
  std::int64_t height = 0;  ///< of the whole image
  std::int64_t width = 0;
  kernels::SampleType type = kernels::SampleType::u8;
  kernels::Border border = kernels::Border::reflect;
  std::int64_t radius = 0;  ///< rows and columns that the filter looks beyond a pixel
  bool has_above = false;   ///< another rank (or, wrapping, the image's other end) has the rows above the share
  bool has_below = false;

  [[nodiscard]] std::int64_t row_bytes() const { return width * kernels::sample_bytes(type); }
};

/// The gray rows that a rank holds at a time: those of a few units, each in a slab that is used again once its rows are
/// done, and the halo rows above and below the share. Every row has `radius` columns of border on either side.
class GrayStrip {
 public:
  /// `slabs` units of up to `slab_rows` rows can be held at once.
  GrayStrip(const StripShape& shape, int slabs, std::int64_t slab_rows);

  /// What a strip of this shape holds.
  [[nodiscard]] static std::int64_t memory_bytes(const StripShape& shape, int slabs, std::int64_t slab_rows);

  [[nodiscard]] const StripShape& shape() const { return shape_; }

  /// Gives `unit` a free slab.
  void admit(RowRange unit);
  /// Frees the slab of `unit`.
  void release(RowRange unit);
  /// True if all of `rows` are in admitted units.
  [[nodiscard]] bool holds(RowRange rows) const;

  /// The part of an admitted unit's rows that begins at (row, column), to be written.
  [[nodiscard]] kernels::Plane part(std::int64_t row, std::int64_t column, std::int64_t rows, std::int64_t width);

  /// Puts the border columns beside the rows of an admitted unit, all of whose pixels are there.
  void fill_margins(RowRange unit);

  /// Column 0 of an admitted row.
  [[nodiscard]] const std::byte* row(std::int64_t row) const;

  /// Copies `radius` rows of row_bytes() each, without gaps, into the halo, and fills their margins.
  void set_halo_above(const std::byte* rows) { set_halo(rows, 0); }
  void set_halo_below(const std::byte* rows) { set_halo(rows, shape_.radius); }

  /// Column 0 of what stands at `row`, which may lie up to `radius` rows outside the share or the image: an admitted
  /// row, a halo row, or what the border puts there.
  [[nodiscard]] const std::byte* at(std::int64_t row) const;

  /// The rows of the share that at() looks at for the rows [rows.begin - radius, rows.end + radius), and whether it
  /// needs halo rows for them. Pure.
  struct Needs {
    std::vector<std::int64_t> rows;
    bool halo = false;
  };
  [[nodiscard]] static Needs needs(const StripShape& shape, RowRange rows);

 private:
  struct Slab {
    RowRange unit;
    Buffer memory;
  };

  /// Where a row is found: in the share, in the halo (0 .. 2 radius - 1), or nowhere: the constant border.
  struct Place {
    enum class Kind { share, halo, constant } kind;
    std::int64_t row;
  };
  [[nodiscard]] static Place locate(const StripShape& shape, std::int64_t row);

  [[nodiscard]] static std::int64_t stride(const StripShape& shape);
  [[nodiscard]] std::byte* row_in(const Buffer& memory, std::int64_t index) const;
  [[nodiscard]] const Slab* find(std::int64_t row) const;
  void set_halo(const std::byte* rows, std::int64_t first);
  void fill_margin(std::byte* row) const;

  StripShape shape_;
  std::int64_t stride_;
  std::vector<Slab> slabs_;
  Buffer halo_;      ///< 2 radius rows: above, below
  Buffer constant_;  ///< one row of zeros
};

}  // namespace haloedge

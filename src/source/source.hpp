#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "core/image.hpp"
#include "core/row_range.hpp"
#include "kernels/kernels.hpp"

namespace haloedge {

/// Takes decoded pixels whose upper left corner stands at (row, column) of the whole image. The memory is the source's
/// and valid during the call only. May be called by several threads at once, each with pixels that no other call has.
using PixelConsumer = std::function<void(std::int64_t row, std::int64_t column, const kernels::ConstPixels& pixels)>;

/// Where rows come from. A unit is a run of rows decoded in one go; its decoding is cut into tasks that may run on
/// different threads. Decode errors are thrown as Error naming file, tile or rows, and reason.
class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;

  [[nodiscard]] virtual const ImageInfo& image() const = 0;

  /// What it costs to read, decode and filter rows: the same on every rank. May look into the file.
  [[nodiscard]] virtual RowCost row_cost() const { return {}; }

  /// True if units may be decoded in any order; else only in the order in which units() lists them, each at most
  /// once. Either way units may be left out: their rows are passed over as fast as the format allows.
  [[nodiscard]] virtual bool any_order() const = 0;

  /// The runs of rows that one decoder must go through from top to bottom, and that cover the image: the whole of it
  /// for a PNG or JPEG, each row of files for a set of them. Empty where any_order(). Pure.
  [[nodiscard]] virtual std::vector<RowRange> sequences() const = 0;

  /// Cuts `rows` into units of about `target_rows` rows (at least one), so that no tile or strip of the file lies in
  /// two of them: units may be larger than asked where the file's blocks are. They cover `rows` once and are listed in
  /// the order of their decoding. Pure.
  [[nodiscard]] virtual std::vector<RowRange> units(RowRange rows, std::int64_t target_rows) const = 0;

  /// How many tasks decode `unit`, which is one of units(). Pure.
  [[nodiscard]] virtual std::int64_t task_count(RowRange unit) const = 0;

  /// Decodes one task's part of `unit`; all tasks together hand each pixel of the unit's rows to `consume` exactly
  /// once, and none of other rows. Different tasks of one unit may run at the same time.
  virtual void decode(RowRange unit, std::int64_t task, const PixelConsumer& consume) = 0;

  /// Upper bound of the memory that decoding holds while `threads` tasks run, beyond the consumer's.
  [[nodiscard]] virtual std::int64_t working_bytes(int threads) const = 0;
};

}  // namespace haloedge

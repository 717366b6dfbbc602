#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "core/buffer.hpp"
#include "core/image.hpp"
#include "core/row_range.hpp"
#include "kernels/kernels.hpp"

namespace haloedge {

/// Takes decoded pixels whose upper left corner is at (row, column) of the whole image. The memory belongs to the
/// source and is valid during the call only. May be called by several threads at once, each with pixels that no other
/// call has.
using PixelConsumer = std::function<void(std::int64_t row, std::int64_t column, const kernels::ConstPixels& pixels)>;

/// An image whose rows can be decoded. A unit is a run of rows that is decoded in one go, in tasks that may run on
/// different threads. Decode errors are thrown as Error naming file, tile or rows, and reason.
class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;

  [[nodiscard]] virtual const ImageInfo& image() const = 0;

  /// The cost of reading, decoding and filtering rows: the same on every rank. May read the file.
  [[nodiscard]] virtual RowCost row_cost() const { return {}; }

  /// The runs of rows, which cover the image, that one decoder must decode from top to bottom: the whole image for a
  /// PNG or JPEG, each row of files for a set of them. Empty if units may be decoded in any order. Pure.
  [[nodiscard]] virtual std::vector<RowRange> sequences() const { return {}; }

  /// True if units may be decoded in any order; else they are decoded in the order in which units() lists them, each at
  /// most once. Either way units may be left out: their rows are skipped as fast as the format allows.
  [[nodiscard]] bool any_order() const { return sequences().empty(); }

  /// Cuts `rows` into units of about `target_rows` rows (at least one). No tile or strip of the file lies in two of
  /// them, so that units may be larger than asked. They cover `rows` once and are listed in the order of their
  /// decoding. Pure.
  [[nodiscard]] virtual std::vector<RowRange> units(RowRange rows, std::int64_t target_rows) const = 0;

  /// The number of tasks that decode `unit`, which is one of units(). Pure.
  [[nodiscard]] virtual std::int64_t task_count(RowRange unit) const {
    (void)unit;
    return 1;
  }

  /// The width in pixels of what a task decodes. If it is less than that of the image, the tasks of a unit of
  /// units(rows, 1) lie side by side, from left to right, each of this width except for the last. Pure.
  [[nodiscard]] virtual std::int64_t task_width() const { return image().width; }

  /// Decodes the part of one task of `unit`. All tasks together pass each pixel of the unit's rows to `consume` exactly
  /// once, and no others. Different tasks of one unit may run at the same time.
  virtual void decode(RowRange unit, std::int64_t task, const PixelConsumer& consume) = 0;

  /// Upper bound of the bytes that decoding holds while `threads` tasks run, without those of the consumer.
  [[nodiscard]] virtual std::int64_t working_bytes(int threads) const = 0;
};

/// Cuts `rows` into units of about `target_rows` rows that begin and end between blocks of `block_rows` rows. The first
/// and the last unit are cut where `rows` begin and end. Pure.
[[nodiscard]] std::vector<RowRange> cut_between_blocks(RowRange rows, std::int64_t block_rows,
                                                       std::int64_t target_rows);

/// A consumer that copies pixels to their places in `pixels`, whose rows are `row_bytes` apart and of which the first
/// one is row `first_row` of the image. `pixels` must outlive it.
[[nodiscard]] PixelConsumer copy_to(std::byte* pixels, std::int64_t first_row, std::int64_t row_bytes);

/// Decodes a whole image on this thread and passes its parts to `take` as they come. Throws what the source throws.
void decode_parts(Source& source, const PixelConsumer& take);

/// Decodes a whole image on this thread, into `pixels`, which it allocates. Throws what the source throws.
[[nodiscard]] kernels::ConstPixels decode_image(Source& source, Buffer& pixels);

/// The memory that decode_image() takes, the pixels included. Pure.
[[nodiscard]] std::int64_t decoding_bytes(const Source& source);

}  // namespace haloedge

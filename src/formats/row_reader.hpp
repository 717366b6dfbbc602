#pragma once

#include <cstddef>
#include <cstdint>

#include "core/image.hpp"

namespace haloedge {

/// A decoder that gives the rows of one image from top to bottom, each at most once.
class RowReader {
 public:
  RowReader() = default;
  RowReader(const RowReader&) = delete;
  RowReader& operator=(const RowReader&) = delete;
  virtual ~RowReader() = default;

  [[nodiscard]] virtual const ImageInfo& image() const = 0;
  /// Decodes the next `rows` rows to `out`, which are `row_bytes` apart. Throws Error naming file, rows and reason.
  virtual void read(std::byte* out, std::int64_t row_bytes, std::int64_t rows) = 0;
  /// Passes over the next `rows` rows: those behind them are read as if these had been read too. Throws what reading
  /// them throws, but may leave out errors that no later row depends on. Here they are read, into a row of memory.
  virtual void skip(std::int64_t rows);
  /// Memory that the decoder holds itself; image-sized where rows do not come in order in the file (interlaced,
  /// progressive, turned).
  [[nodiscard]] virtual std::int64_t working_bytes() const = 0;
};

}  // namespace haloedge

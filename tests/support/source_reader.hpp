#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "source/source.hpp"

namespace haloedge {

/// Decodes rows of a source unit by unit, the tasks of a unit on `threads` threads, into memory without padding. Throws
/// std::logic_error if the source breaks its contract: units that do not cover the rows; pixels outside the unit,
/// delivered twice or not at all, or of another type than announced.
[[nodiscard]] std::vector<std::byte> read_rows(Source& source, RowRange rows, std::int64_t target_rows,
                                               int threads = 1);

/// Decodes all rows.
[[nodiscard]] std::vector<std::byte> read_image(Source& source, std::int64_t target_rows = 64, int threads = 1);

}  // namespace haloedge

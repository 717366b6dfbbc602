#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "source/source.hpp"

namespace haloedge {

/// Rows of a source, decoded unit by unit, the tasks of a unit on `threads` threads; without gaps between rows. Throws
/// std::logic_error where the source breaks its promises: units that do not cover the rows, pixels outside the unit,
/// delivered twice or not at all, of another type than announced.
[[nodiscard]] std::vector<std::byte> read_rows(Source& source, RowRange rows, std::int64_t target_rows,
                                               int threads = 1);

/// All rows.
[[nodiscard]] std::vector<std::byte> read_image(Source& source, std::int64_t target_rows = 64, int threads = 1);

}  // namespace haloedge

#pragma once

#include <cstddef>
#include <cstdint>

#include <hwy/cache_control.h>

namespace haloedge::kernels::cpu {

/// Rows of a tile lie pages apart, where the processor does not foresee the next one: the row that will be needed so
/// many rows later is fetched.
inline constexpr std::int64_t rows_ahead = 10;

inline void fetch_row(const std::byte* row, std::int64_t bytes) {
  constexpr std::int64_t line_bytes = 64;
  for (std::int64_t i = 0; i < bytes; i += line_bytes) hwy::Prefetch(row + i);
}

}  // namespace haloedge::kernels::cpu

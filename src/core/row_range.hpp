#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>

namespace haloedge {

/// Rows [begin, end) of the whole image.
struct RowRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;

  [[nodiscard]] constexpr std::int64_t size() const { return end - begin; }
  [[nodiscard]] constexpr bool empty() const { return end <= begin; }
  [[nodiscard]] constexpr bool contains(std::int64_t row) const { return begin <= row && row < end; }
  friend constexpr bool operator==(const RowRange&, const RowRange&) = default;
};

/// What it costs to make rows, in any unit; empty where all rows cost the same.
using RowCost = std::function<std::int64_t(RowRange)>;

/// The rows that both have; empty (begin == end) if there are none.
[[nodiscard]] constexpr RowRange intersect(RowRange a, RowRange b) {
  const std::int64_t begin = std::max(a.begin, b.begin);
  return {begin, std::max(begin, std::min(a.end, b.end))};
}

}  // namespace haloedge

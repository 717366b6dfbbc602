#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

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

/// The cost of computing rows, in any unit. Empty if all rows cost the same.
using RowCost = std::function<std::int64_t(RowRange)>;

/// The rows that are in both ranges; empty (begin == end) if there are none.
[[nodiscard]] constexpr RowRange intersect(RowRange a, RowRange b) {
  const std::int64_t begin = std::max(a.begin, b.begin);
  return {begin, std::max(begin, std::min(a.end, b.end))};
}

/// The rows of the image whose output tiles earlier runs have finished, in tiles of the height that these runs used.
class FinishedRows {
 public:
  /// Makes an empty set of rows, for a job without an earlier run.
  FinishedRows() = default;
  /// `flags` has one character for each row of tiles: '1' if it is finished, any other if it is not.
  FinishedRows(std::int64_t tile_rows, std::string flags) : tile_rows_(tile_rows), flags_(std::move(flags)) {}

  /// The height of a tile in rows; 0 if there was no earlier run.
  [[nodiscard]] std::int64_t tile_rows() const { return tile_rows_; }
  [[nodiscard]] bool any() const { return flags_.find('1') != std::string::npos; }
  /// Returns true if the row of tiles that contains row `row` of the image is finished.
  [[nodiscard]] bool contains(std::int64_t row) const {
    const auto place = static_cast<std::size_t>(tile_rows_ > 0 ? row / tile_rows_ : 0);
    return place < flags_.size() && flags_[place] == '1';
  }
  /// The number of finished rows of an image of this height.
  [[nodiscard]] std::int64_t count(std::int64_t height) const {
    std::int64_t rows = 0;
    for (std::int64_t row = 0; any() && row < height; row += tile_rows_) {
      if (contains(row)) rows += std::min(tile_rows_, height - row);
    }
    return rows;
  }

 private:
  std::int64_t tile_rows_ = 0;
  std::string flags_;
};

}  // namespace haloedge

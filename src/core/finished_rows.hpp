#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

namespace haloedge {

/// The rows of output tiles that earlier runs have finished, of an image whose tiles' height they have settled.
class FinishedRows {
 public:
  /// There was no earlier run.
  FinishedRows() = default;
  /// A '1' for each row of tiles that is finished, any other character for one that is not. Tiles are `tile_rows` high.
  FinishedRows(std::int64_t tile_rows, std::string flags) : tile_rows_(tile_rows), flags_(std::move(flags)) {}

  /// 0 if there was no earlier run.
  [[nodiscard]] std::int64_t tile_rows() const { return tile_rows_; }
  [[nodiscard]] bool any() const { return flags_.find('1') != std::string::npos; }
  /// Whether the row of tiles is finished that row `row` of the image is in.
  [[nodiscard]] bool contains(std::int64_t row) const {
    const auto place = static_cast<std::size_t>(tile_rows_ > 0 ? row / tile_rows_ : 0);
    return place < flags_.size() && flags_[place] == '1';
  }
  /// How many rows of an image of this height are finished.
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

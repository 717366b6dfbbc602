#pragma once

#include <algorithm>
#include <cstdint>

#include "core/arithmetic.hpp"
#include "core/row_range.hpp"
#include "kernels/canny.hpp"
#include "sink/sink.hpp"

namespace haloedge {

/// How the rows of one rank are cut into tiles.
struct TileGrid {
  std::int64_t width = 0;  ///< of the whole image
  std::int64_t height = 0;
  std::int64_t tile_columns = 0;
  std::int64_t tile_rows = 0;
  RowRange share;  ///< begins with a row of tiles

  [[nodiscard]] std::int64_t across() const { return divide_up(width, tile_columns); }
  [[nodiscard]] std::int64_t down() const { return divide_up(share.size(), tile_rows); }
  [[nodiscard]] std::int64_t tiles() const { return across() * down(); }

  /// The number of a tile of this share, row by row; its position is that in the image.
  [[nodiscard]] std::int64_t number(TilePosition tile) const {
    return (tile.row - share.begin / tile_rows) * across() + tile.column;
  }
  /// Pixels of a tile that are in the image.
  [[nodiscard]] std::int64_t columns(TilePosition tile) const {
    return std::min(tile_columns, width - tile.column * tile_columns);
  }
  [[nodiscard]] std::int64_t rows(TilePosition tile) const {
    return std::min(tile_rows, height - tile.row * tile_rows);
  }
  [[nodiscard]] kernels::ImageEnds ends(TilePosition tile) const {
    return {.above = tile.row == 0,
            .below = (tile.row + 1) * tile_rows >= height,
            .left = tile.column == 0,
            .right = tile.column + 1 == across()};
  }
};

}  // namespace haloedge

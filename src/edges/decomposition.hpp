#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/row_range.hpp"
#include "edges/options.hpp"
#include "kernels/arithmetic.hpp"
#include "kernels/canny.hpp"
#include "sink/sink.hpp"
#include "source/source.hpp"

namespace haloedge {

/// The rows of the output that each rank makes.
struct RowShares {
  std::int64_t tile_rows = 0;   ///< height of an output tile: as asked, or less where ranks would idle
  std::vector<RowRange> share;  ///< one for each rank, in rank order; ranks without rows have an empty one, at the end
};

/// The number of ranks that have rows; these ranks come first.
[[nodiscard]] int active_ranks(const std::vector<RowRange>& shares);

/// Cuts `height` rows into `parts` runs of whole tile rows. The runs have equal costs, as near as tile rows allow; if
/// all rows cost the same, their sizes differ by at most one tile row. With fewer tile rows than parts, the tile height
/// shrinks in multiples of tiff_tile_granule; parts that still get no tile row are empty. Unless there is one share
/// only, each has at least `min_rows` rows, because its neighbours take their halo from it. If one tile row has fewer
/// rows than that, several of them are kept together, and a remainder that is too short goes to the part before. Pure.
/// Needs height >= 1, parts >= 1, tile_rows a positive multiple of tiff_tile_granule.
[[nodiscard]] RowShares share_rows(std::int64_t height, int parts, std::int64_t tile_rows, std::int64_t min_rows,
                                   const RowCost& cost = {});

/// The tiles of one rank.
struct TileGrid {
  std::int64_t width = 0;  ///< width and height of the whole image
  std::int64_t height = 0;
  std::int64_t tile_columns = 0;
  std::int64_t tile_rows = 0;
  RowRange share;  ///< begins at the first row of a tile

  [[nodiscard]] std::int64_t across() const { return divide_up(width, tile_columns); }
  [[nodiscard]] std::int64_t down() const { return divide_up(share.size(), tile_rows); }
  [[nodiscard]] std::int64_t tiles() const { return across() * down(); }

  /// The number of a tile in this share, counted row by row. `tile` is its position in the image.
  [[nodiscard]] std::int64_t number(TilePosition tile) const {
    return (tile.row - share.begin / tile_rows) * across() + tile.column;
  }
  /// The number of columns, and of rows, of a tile that are in the image.
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

/// The division of an image into output tiles and over ranks. The same on every rank.
struct Decomposition {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int64_t tile_rows = 0;  ///< height of an output tile
  std::int64_t tile_columns = 0;
  std::vector<RowRange> shares;  ///< one for each rank
  FinishedRows finished{};       ///< rows that need not be made again

  [[nodiscard]] std::int64_t tiles_across() const { return divide_up(width, tile_columns); }
  [[nodiscard]] RowRange share(int rank) const { return shares.at(static_cast<std::size_t>(rank)); }
  [[nodiscard]] TileGrid grid(RowRange share) const { return {width, height, tile_columns, tile_rows, share}; }
  [[nodiscard]] TileGrid grid(int rank) const { return grid(share(rank)); }
  /// Bytes of one output tile, stored without padding.
  [[nodiscard]] std::int64_t tile_bytes(kernels::SampleType type) const {
    return tile_rows * tile_columns * kernels::sample_bytes(type);
  }
};

/// Divides an image over `ranks` ranks. Tiles are no larger than the image, rounded up to tiff_tile_granule. The shares
/// have equal costs, as Source::row_cost() gives them; rows that earlier runs have finished cost nothing. Tiles have
/// the height that earlier runs gave them, if there were any. Pure.
[[nodiscard]] Decomposition decompose(const Source& source, const EdgeSettings& settings, int ranks,
                                      const FinishedRows& finished = {});

}  // namespace haloedge

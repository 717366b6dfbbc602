#pragma once

#include <cstdint>
#include <vector>

#include "core/row_range.hpp"

namespace haloedge {

/// Which rows of the output each rank makes.
struct RowShares {
  std::int64_t tile_rows = 0;   ///< height of an output tile: as asked, or less where ranks would idle
  std::vector<RowRange> share;  ///< one a rank, in rank order; ranks without rows have an empty one, at the end
};

/// Cuts `height` rows into `parts` runs of whole tile rows: of equal cost, as near as tile rows allow, or, where all
/// rows cost the same, of sizes that differ by one tile row at the most. With fewer tile rows than parts the tile
/// height shrinks, in multiples of tiff_tile_granule, down to that; parts that still find none stay empty. No share but
/// an only one has fewer than `min_rows` rows: its neighbour could not take a halo from it; where that is more than a
/// row of tiles, shares are runs of so many of these, and a shorter remainder goes to the part before. Pure. Needs
/// height >= 1, parts >= 1, tile_rows a positive multiple of tiff_tile_granule.
[[nodiscard]] RowShares share_rows(std::int64_t height, int parts, std::int64_t tile_rows, std::int64_t min_rows,
                                   const RowCost& cost = {});

}  // namespace haloedge

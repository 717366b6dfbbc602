#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace haloedge {

/// Rows and columns of tile files.
struct Grid {
  int rows = 0;
  int columns = 0;
};

/// The direction in which tile files follow each other through the grid: along its rows, or down its columns.
enum class TileOrder : std::uint8_t { rows, columns };

/// The word for the order as --order takes it.
[[nodiscard]] std::string order_name(TileOrder order);

/// The tile files of one image in their order, and the directions that this order can have.
struct TileFiles {
  std::vector<std::string> files;
  std::vector<TileOrder> possible;   ///< one, or both, the usual one first
  std::optional<TileOrder> known{};  ///< what the user or the names say
  bool needs_proof = false;          ///< neither is usual: the sizes of the tiles must exclude one
};

/// Orders the tile files of a pattern by their names. If the last two numbers in which the names differ number a grid,
/// the files are in the order of these, and the direction follows from the words before them (row and col, r and c, y
/// and x), from the names that `split` gives, or from the shape of the grid, if they say it. Other names are in natural
/// order: part_2 before part_10. `asked` is the direction that the user gives. Throws UsageError, which calls the
/// pattern `pattern`, if the numbers in the names cannot be places in this grid. Pure.
[[nodiscard]] TileFiles order_by_name(const std::string& pattern, std::vector<std::string> files, Grid grid,
                                      std::optional<TileOrder> asked);

/// The directions of files that the user has put in order; the usual one is along the rows. Pure.
[[nodiscard]] TileFiles order_as_listed(std::vector<std::string> files, Grid grid, std::optional<TileOrder> asked);

/// Returns the files row by row, if they follow each other in this direction. Their number must be that of the grid.
/// Pure.
[[nodiscard]] std::vector<std::string> row_by_row(const std::vector<std::string>& files, Grid grid, TileOrder order);

}  // namespace haloedge

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/buffer.hpp"
#include "formats/row_writer.hpp"
#include "run/options.hpp"
#include "run/resources.hpp"
#include "sink/output.hpp"
#include "source/open_source.hpp"

namespace haloedge {

struct SplitCommand {
  CommonOptions common;
  InputSpec input;
  std::string folder;  ///< gets the tile files
  Grid parts;          ///< the rows and columns of tiles
  OutputFormat format = OutputFormat::tiff;
  bool overwrite = false;
};

/// Returns the tile files in a folder, which runs of `split` have written there: regular files with names such as
/// part_0_12.tif. Throws Error if the folder cannot be read.
[[nodiscard]] std::vector<std::filesystem::path> tile_files(const std::filesystem::path& folder);

/// Returns the path of the file of a tile.
[[nodiscard]] std::filesystem::path tile_path(const SplitCommand& command, int row, int column);

/// Cuts an image into tile files of the same size, except for the last row and column, which take the remainder.
class Splitter {
 public:
  /// The references must outlive the splitter. Throws Error if the memory is too small.
  Splitter(const SplitCommand& command, Source& source, const RankResources& resources);

  /// Writes the tile files of one row of tiles, which appear when all of them are complete. Calls `rows_done` with the
  /// number of image rows that were read since the last call.
  void cut(int grid_row, const std::function<void(std::int64_t)>& rows_done);

 private:
  const SplitCommand& command_;
  Source& source_;
  int threads_;
  std::int64_t unit_rows_;
  Buffer pixels_;  ///< whole rows of one unit
};

}  // namespace haloedge

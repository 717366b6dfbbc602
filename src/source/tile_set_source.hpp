#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "source/source.hpp"

namespace haloedge {

/// Rows and columns of tile files.
struct Grid {
  int rows = 0;
  int columns = 0;
};

using SourceOpener = std::function<std::unique_ptr<Source>(const std::filesystem::path&)>;

/// One image of rows x columns files, given row by row. All files of a grid row have the same height, of a grid column
/// the same width, and all the same kind of pixels; anything else is an Error that names two of the files. Every file
/// is opened once for its size, and again when its pixels are needed; those of one grid row are open at a time.
[[nodiscard]] std::unique_ptr<Source> make_tile_set_source(std::vector<std::filesystem::path> files, Grid grid,
                                                           SourceOpener opener);

}  // namespace haloedge

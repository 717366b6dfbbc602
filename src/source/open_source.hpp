#pragma once

#include <memory>
#include <optional>
#include <string>

#include "source/source.hpp"
#include "source/tile_set_source.hpp"

namespace haloedge {

/// What a user names as input.
struct InputSpec {
  std::string input;         ///< a file, file.h5:/dataset, or with a grid a glob pattern
  int page = 0;              ///< of a TIFF, counted from 0
  std::optional<Grid> grid;  ///< the pattern's files are the tiles of one image
};

/// Opens the image, whose kind is told by its content. Pattern files are taken in natural order of their names: part_2
/// before part_10. Throws Error naming the file and what this program reads.
[[nodiscard]] std::unique_ptr<Source> open_source(const InputSpec& spec);

/// The image in a file, file.h5:/dataset or file.h5 with one image, whatever characters its name has. Throws as above.
[[nodiscard]] std::unique_ptr<Source> open_image(const std::string& path);

/// The file behind a name that may be file.h5:/dataset.
[[nodiscard]] std::string input_file(const std::string& input);

}  // namespace haloedge

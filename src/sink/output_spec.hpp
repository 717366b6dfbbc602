#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/image.hpp"
#include "core/row_range.hpp"
#include "formats/tiff_layout.hpp"
#include "run/run_place.hpp"

namespace haloedge {

/// The formats that one image a file is written in.
enum class FileFormat : std::uint8_t { tiff, png, jpeg };

/// An output to be made.
struct OutputSpec {
  std::string path;  ///< as the user typed it: file.tif, file.png or file.h5:/dataset
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int64_t tile_rows = 0;     ///< height of a tile
  std::int64_t tile_columns = 0;  ///< width of a tile
  kernels::SampleType type = kernels::SampleType::u8;
  Compression compression = Compression::none;
  int quality = 90;  ///< of a JPEG
  Metadata metadata;
  std::string software;
  bool overwrite = false;
  std::string input_file;  ///< which the output must not replace
  /// Ranks get rows from each other's decoders: none may wait for the others between its tiles, as collective writes
  /// do.
  bool fed = false;
  bool tiles_come_in_order = false;  ///< from the top: one rank makes them, and none waits for the image's end
  std::vector<RowRange> shares;      ///< the rows of each rank
  std::optional<RunPlace> run{};     ///< where what is done is kept, if another run shall be able to go on with it
  FinishedRows finished{};           ///< what earlier runs have kept there

  [[nodiscard]] std::int64_t tile_bytes() const { return tile_rows * tile_columns * kernels::sample_bytes(type); }
};

}  // namespace haloedge

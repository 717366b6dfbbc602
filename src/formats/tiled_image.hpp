#pragma once

#include <cstdint>
#include <string>

#include "core/arithmetic.hpp"
#include "core/image.hpp"

namespace haloedge {

enum class Compression : std::uint8_t { none, deflate, lzw, zstd };

/// A picture of one channel that is to be written, and the tiles in which it is made.
struct TiledImage {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int64_t tile_rows = 0;     ///< height of a tile
  std::int64_t tile_columns = 0;  ///< width of a tile
  kernels::SampleType type = kernels::SampleType::u8;
  Compression compression = Compression::none;
  int quality = 90;  ///< of a JPEG, 1 to 100
  Metadata metadata{};
  std::string software{};  ///< the program that made it, for formats that have a place for its name

  [[nodiscard]] std::int64_t row_bytes() const { return width * kernels::sample_bytes(type); }
  [[nodiscard]] std::int64_t tiles_across() const { return divide_up(width, tile_columns); }
  [[nodiscard]] std::int64_t tiles_down() const { return divide_up(height, tile_rows); }
  [[nodiscard]] std::int64_t tile_count() const { return tiles_across() * tiles_down(); }
  /// Bytes of one uncompressed tile. Tiles at the right and lower edge have as many as the others.
  [[nodiscard]] std::int64_t tile_bytes() const { return tile_rows * tile_columns * kernels::sample_bytes(type); }
};

}  // namespace haloedge

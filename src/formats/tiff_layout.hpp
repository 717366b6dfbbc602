#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/arithmetic.hpp"
#include "core/image.hpp"

namespace haloedge {

enum class Compression : std::uint8_t { none, deflate, lzw, zstd };

/// The sides of a TIFF tile are multiples of this many pixels (TIFF 6.0, section 15).
inline constexpr std::int64_t tiff_tile_granule = 16;

/// A tiled, single-channel TIFF to be written.
struct TiffImage {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int64_t tile_columns = 0;  ///< width of a tile
  std::int64_t tile_rows = 0;     ///< height of a tile
  kernels::SampleType type = kernels::SampleType::u8;
  Compression compression = Compression::none;
  Metadata metadata;
  std::string software;

  [[nodiscard]] std::int64_t tiles_across() const { return divide_up(width, tile_columns); }
  [[nodiscard]] std::int64_t tiles_down() const { return divide_up(height, tile_rows); }
  [[nodiscard]] std::int64_t tile_count() const { return tiles_across() * tiles_down(); }
  /// Uncompressed.
  [[nodiscard]] std::int64_t tile_bytes() const { return tile_columns * tile_rows * kernels::sample_bytes(type); }
};

/// Where everything stands in the file: header, directory, tag values, TileOffsets, TileByteCounts, and from
/// data_offset the tiles' data, in row-major order of the tiles, without gaps. So everything but the offsets of
/// compressed tiles is known before the first pixel, each rank can write its own part, and the file's bytes do not
/// depend on who writes what.
struct TiffLayout {
  bool big = false;             ///< BigTIFF
  std::vector<std::byte> head;  ///< from offset 0: header, directory and values, the two tables still zero
  std::int64_t offsets_at = 0;  ///< of the TileOffsets table
  std::int64_t counts_at = 0;   ///< of the TileByteCounts table
  std::int64_t data_offset = 0;

  /// Bytes of one entry of TileOffsets; those of TileByteCounts have four.
  [[nodiscard]] std::int64_t offset_bytes() const { return big ? 8 : 4; }
};

/// Files that could pass this many bytes are BigTIFFs.
inline constexpr std::int64_t classic_tiff_limit = 0xFFFF'FFFF;

/// Pure. TIFF 6.0 and BigTIFF, in this machine's byte order. `limit` is for tests.
[[nodiscard]] TiffLayout lay_out_tiff(const TiffImage& image, std::int64_t limit = classic_tiff_limit);

/// TIFF's number of a compression.
[[nodiscard]] int tiff_compression(Compression compression);

}  // namespace haloedge

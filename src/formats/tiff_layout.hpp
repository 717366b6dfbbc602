#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "formats/row_writer.hpp"
#include "kernels/arithmetic.hpp"

namespace haloedge {

/// The sides of a TIFF tile are multiples of this many pixels (TIFF 6.0, section 15).
inline constexpr std::int64_t tiff_tile_granule = 16;

/// Returns the side of the tiles along a side of an image: `largest`, or less if the image is smaller.
[[nodiscard]] constexpr std::int64_t fitting_tile_side(std::int64_t largest, std::int64_t image_side) {
  return std::min(largest, round_up(image_side, tiff_tile_granule));
}

/// The offsets of all parts of the file: header, directory, tag values, TileOffsets, TileByteCounts, and from
/// data_offset on the data of the tiles, in row-major order without gaps. So everything but the offsets of compressed
/// tiles is known before the first pixel, each rank can write its own part, and the bytes of the file do not depend on
/// which rank writes what.
struct TiffLayout {
  bool big = false;             ///< BigTIFF
  std::vector<std::byte> head;  ///< the bytes from offset 0: header, directory and values; the two tables are zero
  std::int64_t offsets_at = 0;  ///< offset of the TileOffsets table
  std::int64_t counts_at = 0;   ///< offset of the TileByteCounts table
  std::int64_t data_offset = 0;

  /// Bytes of an entry of TileOffsets. An entry of TileByteCounts has four.
  [[nodiscard]] std::int64_t offset_bytes() const { return big ? 8 : 4; }
  /// Appends an entry of TileOffsets to `table`.
  void append_offset(std::int64_t offset, std::vector<std::byte>& table) const;
};

/// A file that may become larger than this many bytes is a BigTIFF.
inline constexpr std::int64_t classic_tiff_limit = 0xFFFF'FFFF;

/// Lays out the file as TIFF 6.0 or BigTIFF, in the byte order of this machine. `limit` is for tests. Pure.
[[nodiscard]] TiffLayout lay_out_tiff(const TiledImage& image, std::int64_t limit = classic_tiff_limit);

/// The number of a compression in a TIFF.
[[nodiscard]] int tiff_compression(Compression compression);

/// Compresses one tile's samples, with libtiff, into the bytes that the file has. Thread-safe. No predictor is used:
/// edge maps are differences already, and with the horizontal predictor files of photos came out 2 to 5 % larger.
[[nodiscard]] std::vector<std::byte> encode_tiff_tile(const TiledImage& image, std::span<const std::byte> samples);

}  // namespace haloedge

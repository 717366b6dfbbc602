#pragma once

#include <cstdint>
#include <vector>

#include "core/arithmetic.hpp"
#include "core/image.hpp"
#include "formats/tiff_handle.hpp"

namespace haloedge {

/// The layout of the pixels of a TIFF page. A block is a unit of compression: a tile or a strip of one plane.
struct TiffHeader {
  ImageInfo image;

  bool tiled = false;
  std::int64_t block_width = 0;
  std::int64_t block_rows = 0;
  std::int64_t block_bytes = 0;  ///< bytes of a decoded block of one plane
  std::int64_t row_bytes = 0;    ///< bytes of its rows
  int planes = 1;                ///< blocks that hold the same pixels: 1, or the channels of a planar file
  int block_samples = 1;         ///< per pixel, in a block
  int samples = 1;               ///< per pixel, in the file
  int bits = 8;                  ///< per sample, in the file
  int compression = 1;
  bool inverted = false;                ///< white is 0
  std::vector<std::uint8_t> palette{};  ///< RGB triples; empty if there is none
  bool plain = false;                   ///< uncompressed in a form that can be read without libtiff

  [[nodiscard]] std::int64_t blocks_across() const { return divide_up(image.width, block_width); }
  [[nodiscard]] std::int64_t blocks_down() const { return divide_up(image.height, block_rows); }
  /// The number that libtiff gives the block.
  [[nodiscard]] std::uint32_t block_number(std::int64_t across, std::int64_t down, int plane) const {
    return static_cast<std::uint32_t>((plane * blocks_down() + down) * blocks_across() + across);
  }
  /// True if the samples of decoded blocks are delivered as they are, without conversion.
  [[nodiscard]] bool direct() const;
};

/// Reads the header and checks it against the size of the file. Throws Error for a header that is broken or not
/// supported.
[[nodiscard]] TiffHeader read_tiff_header(TiffHandle& handle);

}  // namespace haloedge

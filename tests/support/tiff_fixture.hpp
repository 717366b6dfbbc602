#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <tiff.h>

namespace haloedge {

/// The settings and values of a small TIFF page of any kind that libtiff writes.
struct TiffPage {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint16_t samples = 1;
  std::uint16_t bits = 8;
  std::uint16_t format = SAMPLEFORMAT_UINT;
  std::uint16_t photometric = PHOTOMETRIC_MINISBLACK;
  std::uint16_t planar = PLANARCONFIG_CONTIG;
  std::uint16_t compression = COMPRESSION_NONE;
  std::uint16_t predictor = PREDICTOR_NONE;
  std::uint16_t subsampling = 1;                 ///< subsampling of the chroma of JPEG YCbCr, in both directions
  std::uint32_t tile_width = 0;                  ///< 0: strips
  std::uint32_t block_rows = 0;                  ///< rows of a tile or strip; 0: one strip
  std::uint16_t orientation = 0;                 ///< 0: no such tag
  bool directory_first = false;                  ///< the directory is before the pixels in the file
  std::vector<std::uint16_t> colour_map{};       ///< all reds, all greens, all blues
  std::uint16_t extra = EXTRASAMPLE_UNASSALPHA;  ///< what the first sample behind the colours is
  /// width * height * samples values, interleaved, as unsigned numbers; floats and negative numbers as their bits.
  std::vector<std::uint64_t> values{};

  [[nodiscard]] std::uint64_t value(std::int64_t row, std::int64_t column, std::int64_t sample) const {
    return values[static_cast<std::size_t>((row * width + column) * samples + sample)];
  }
};

/// Fills `page.values` with random numbers of its kind: floats in [0, 1), palette indices, integers of all bits.
void fill_random(TiffPage& page, unsigned seed);

/// Writes a file of these pages. `mode` is libtiff's: "w", and "l" or "b" for the byte order, "8" for BigTIFF. Throws
/// std::runtime_error.
void write_tiff(const std::filesystem::path& path, const std::vector<TiffPage>& pages, const std::string& mode = "wl");

/// Overwrites the number of a tag in the first directory of a little-endian classic file. Throws std::runtime_error if
/// there is no such tag.
void patch_tag(const std::filesystem::path& path, std::uint16_t tag, std::uint32_t value);

/// The first number of a tag of that directory, or the offset of its numbers if they do not fit into the entry.
[[nodiscard]] std::uint32_t tag_value(const std::filesystem::path& path, std::uint16_t tag);

}  // namespace haloedge

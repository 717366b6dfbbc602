#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "kernels/kernels.hpp"

namespace haloedge {

/// An image in memory, interleaved.
struct Picture {
  std::int64_t width = 0;
  std::int64_t height = 0;
  kernels::SampleType type = kernels::SampleType::u8;
  int channels = 1;
  std::vector<std::byte> samples;

  [[nodiscard]] std::int64_t row_bytes() const { return width * channels * kernels::sample_bytes(type); }
  [[nodiscard]] kernels::ConstPixels view() const {
    return {samples.data(), row_bytes(), width, height, type, channels};
  }
  friend bool operator==(const Picture&, const Picture&) = default;
};

/// Returns a picture of discs, ramps and noise that has something everywhere and is the same each time.
[[nodiscard]] Picture make_picture(std::int64_t width, std::int64_t height, int channels,
                                   kernels::SampleType type = kernels::SampleType::u8);

/// Returns the rectangle of `picture` that begins at (row, column).
[[nodiscard]] Picture crop(const Picture& picture, std::int64_t row, std::int64_t column, std::int64_t height,
                           std::int64_t width);

enum class TiffForm : std::uint8_t { strips, tiles, one_strip };

/// Writes the picture with libtiff; `compression` is one of its COMPRESSION_ numbers.
void write_tiff(const Picture& picture, const std::filesystem::path& path, TiffForm layout, int compression);
void write_png(const Picture& picture, const std::filesystem::path& path);
/// Writes the picture with quality 90 and 4:2:0 subsampling.
void write_jpeg(const Picture& picture, const std::filesystem::path& path);
void write_hdf5(const Picture& picture, const std::filesystem::path& path, const std::string& dataset);

/// Returns the content of a TIFF, read by libtiff alone.
[[nodiscard]] Picture read_tiff(const std::filesystem::path& path);
/// Returns the number of pixels of an 8-bit tiled TIFF that are not 0. Reads one tile at a time.
[[nodiscard]] std::int64_t count_bright_pixels(const std::filesystem::path& path);
[[nodiscard]] Picture read_png(const std::filesystem::path& path);
[[nodiscard]] Picture read_hdf5(const std::filesystem::path& path, const std::string& dataset);

}  // namespace haloedge

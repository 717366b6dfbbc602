#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <random>
#include <vector>

namespace haloedge {

/// The settings of a JPEG file for tests.
struct JpegForm {
  enum class Colours { gray, ycc, rgb, cmyk, ycck };
  enum class Scans { one, progressive, coarse_progressive, one_a_component, luma_apart };
  struct Sampling {
    int across = 1;
    int down = 1;
  };

  Colours colours = Colours::ycc;
  Scans scans = Scans::one;
  std::array<Sampling, 4> sampling;
  bool arithmetic = false;
  unsigned restart_blocks = 0;  ///< blocks between two restart markers; 0: no markers
  int quality = 90;
};

/// An EXIF 2.32 block like those of cameras, without its marker: one directory with one entry.
[[nodiscard]] std::vector<std::uint8_t> exif_block(int orientation, bool big_endian);

/// A picture of slopes and noise, encoded by libjpeg.
void write_noisy_jpeg(const std::filesystem::path& path, const JpegForm& form, std::int64_t width, std::int64_t height,
                      std::mt19937& random);

}  // namespace haloedge

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kernels/kernels.hpp"

namespace haloedge {

/// A TIFF tag that is copied from input to output unchanged.
struct TiffTag {
  std::uint16_t id = 0;
  std::uint16_t type = 0;  ///< TIFF field type (2 ASCII, 3 SHORT, 4 LONG, 5 RATIONAL, 7 UNDEFINED, 12 DOUBLE)
  std::uint64_t count = 0;
  std::vector<std::byte> value;  ///< in the machine's byte order
};

/// Properties of an image, beside its pixels, that also hold for its edge map. Texts of which this is not true are left
/// out when they are read.
struct Metadata {
  struct Resolution {
    double x = 0;  ///< pixels per unit
    double y = 0;
    std::uint16_t unit = 2;  ///< TIFF ResolutionUnit: 1 none, 2 inch, 3 centimetre
  };
  std::optional<Resolution> resolution;
  std::vector<std::byte> icc_profile;
  std::vector<TiffTag> geo_tags;  ///< ModelPixelScale, ModelTiepoint, ModelTransformation, GeoKeyDirectory, ...
  std::vector<TiffTag> texts;     ///< ImageDescription, DateTime, Copyright, GDAL_METADATA, ...
  std::string xmp;                ///< an XMP packet, which is XML; empty if there is none
  /// How the stored pixels are turned, 1 (upright) to 8, as in TIFF 6.0 and EXIF.
  std::optional<std::uint16_t> orientation;

  /// True if places in the world are given for the stored pixels.
  [[nodiscard]] bool is_georeferenced() const { return !geo_tags.empty(); }

  /// Returns true if there is an ICC profile and it is for pixels of this many channels, by its colour space signature
  /// (ICC.1 7.2.6). A profile for RGB does not describe an edge map.
  [[nodiscard]] bool icc_fits(int channels) const {
    constexpr std::size_t header_bytes = 128;
    constexpr std::size_t colour_space_at = 16;
    const char* const colour_space = channels <= 2 ? "GRAY" : "RGB ";
    return icc_profile.size() >= header_bytes &&
           std::memcmp(icc_profile.data() + colour_space_at, colour_space, 4) == 0;
  }
};

/// What is read of a file that holds more than one image or more than three bands.
struct ReadOptions {
  std::optional<int> page;   ///< page of a TIFF, counted from 0; if not given, the first that is not a smaller version
  std::vector<int> bands{};  ///< counted from 1: one, read as gray, or three, read as red, green and blue
  std::optional<std::int64_t> slice{};  ///< image of a stack in HDF5, counted from 0
  std::string axes{};                   ///< a letter for each dimension in HDF5: y, x, c for channels, t for a stack
};

/// The description of an image, known before its pixels are read.
struct ImageInfo {
  std::int64_t width = 0;
  std::int64_t height = 0;
  kernels::SampleType type = kernels::SampleType::u8;  ///< the type of the decoded samples
  int channels = 1;                                    ///< channels of the decoded pixels: 1 to 4
  std::uint16_t zero = 0;          ///< the decoded sample that stands for 0: 128 or 32768 if the file's are signed
  std::optional<double> nodata{};  ///< the value that stands for no data, as it is in the file
  bool last_is_alpha = true;       ///< of 2 or 4 channels, the last one is alpha; else it is a band that is not used
  bool alpha_is_mask = false;      ///< alpha is the file's mask: pixels where it is 0 are no data
  Metadata metadata;
  /// Names and values for users, in the order of printing: {"format", "BigTIFF"}, {"compression", "LZW, predictor 2"},
  /// ...
  std::vector<std::pair<std::string, std::string>> description;
  std::string note{};  ///< what was read of the file, if that may not be what the user expects; empty else

  [[nodiscard]] std::int64_t pixel_bytes() const { return channels * kernels::sample_bytes(type); }
  [[nodiscard]] bool has_alpha() const { return channels % 2 == 0 && last_is_alpha; }
  [[nodiscard]] bool is_float() const { return type == kernels::SampleType::f32 || type == kernels::SampleType::f64; }
  /// Bytes of a row of decoded pixels, without padding.
  [[nodiscard]] std::int64_t row_bytes() const { return width * pixel_bytes(); }
};

}  // namespace haloedge

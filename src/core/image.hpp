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

/// Properties of an image, beside its pixels, that also hold for its edge map.
struct Metadata {
  struct Resolution {
    double x = 0;  ///< pixels per unit
    double y = 0;
    std::uint16_t unit = 2;  ///< TIFF ResolutionUnit: 1 none, 2 inch, 3 centimetre
  };
  std::optional<Resolution> resolution;
  std::vector<std::byte> icc_profile;
  std::vector<TiffTag> geo_tags;  ///< ModelPixelScale, ModelTiepoint, ModelTransformation, GeoKeyDirectory, ...
  std::optional<std::uint16_t> orientation;

  /// Returns true if the ICC profile is for gray pixels, by its colour space signature (ICC.1 7.2.6). A profile for RGB
  /// does not describe an edge map.
  [[nodiscard]] bool icc_is_gray() const {
    constexpr std::size_t header_bytes = 128;
    constexpr std::size_t colour_space_at = 16;
    return icc_profile.size() >= header_bytes && std::memcmp(icc_profile.data() + colour_space_at, "GRAY", 4) == 0;
  }
};

/// The description of an image, known before its pixels are read.
struct ImageInfo {
  std::int64_t width = 0;
  std::int64_t height = 0;
  kernels::SampleType type = kernels::SampleType::u8;  ///< the type of the decoded samples
  int channels = 1;                                    ///< channels of the decoded pixels: 1 to 4
  Metadata metadata;
  /// Names and values for users, in the order of printing: {"format", "BigTIFF"}, {"compression", "LZW, predictor 2"},
  /// ...
  std::vector<std::pair<std::string, std::string>> description;

  [[nodiscard]] std::int64_t pixel_bytes() const { return channels * kernels::sample_bytes(type); }
  /// Bytes of a row of decoded pixels, without padding.
  [[nodiscard]] std::int64_t row_bytes() const { return width * pixel_bytes(); }
};

}  // namespace haloedge

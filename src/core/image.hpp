#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kernels/kernels.hpp"

namespace haloedge {

/// One TIFF tag that is carried over from input to output as it is.
struct TiffTag {
  std::uint16_t id = 0;
  std::uint16_t type = 0;  ///< TIFF field type (2 ASCII, 3 SHORT, 4 LONG, 5 RATIONAL, 7 UNDEFINED, 12 DOUBLE)
  std::uint64_t count = 0;
  std::vector<std::byte> value;  ///< in the machine's byte order
};

/// What belongs to the picture beside its pixels and still holds for its edge map.
struct Metadata {
  struct Resolution {
    double x = 0;  ///< pixels per unit
    double y = 0;
    std::uint16_t unit = 2;  ///< TIFF ResolutionUnit: 1 none, 2 inch, 3 centimetre
  };
  std::optional<Resolution> resolution;
  std::vector<std::byte> icc_profile;
  /// ICC class of the profile's colour space: a profile of RGB does not describe a gray edge map.
  bool icc_is_gray = false;
  std::vector<TiffTag> geo_tags;  ///< ModelPixelScale, ModelTiepoint, ModelTransformation, GeoKeyDirectory, ...
  std::optional<std::uint16_t> orientation;
};

/// What an image is, before any pixel of it is read.
struct ImageInfo {
  std::int64_t width = 0;
  std::int64_t height = 0;
  kernels::SampleType type = kernels::SampleType::u8;  ///< of the pixels as delivered
  int channels = 1;                                    ///< as delivered: 1 to 4
  Metadata metadata;
  /// Words for people, in order of printing: {"format", "BigTIFF"}, {"compression", "LZW, predictor 2"}, ...
  std::vector<std::pair<std::string, std::string>> description;

  [[nodiscard]] std::int64_t pixel_bytes() const { return channels * kernels::sample_bytes(type); }
};

}  // namespace haloedge

#pragma once

#include <cstdint>

#include "tables/image_file.hpp"

namespace haloedge {

/// What an image's cost can be told from, before it is decoded.
struct ImageTraits {
  enum class Kind : std::uint8_t { jpeg, png, tiff };
  Kind kind = Kind::jpeg;
  std::int64_t bytes = 0;  ///< of the file
  double pixels = 0;
  double pixel_bytes = 3;  ///< decoded
};

/// Files from this size on are worth a look at their headers; of smaller ones there are many, and errors even out.
inline constexpr std::int64_t look_from_bytes = std::int64_t{128} << 10;

/// From the name's ending and the file's size, as photos are. Pure.
[[nodiscard]] ImageTraits guess_traits(const ImageFile& file);

/// From the file's header; guessed where it cannot be read: why will be said when it is decoded.
[[nodiscard]] ImageTraits read_traits(const ImageFile& file);

/// Nanoseconds of one core to make and write an edge map, to make a dHash, and to make a score without depth: so that
/// ranks get equal shares. As measured on one machine; on others the ratios should hold, and only they count. Pure.
[[nodiscard]] std::int64_t edge_map_cost(const ImageTraits& image);
[[nodiscard]] std::int64_t hash_cost(const ImageTraits& image);
[[nodiscard]] std::int64_t score_cost(const ImageTraits& image);

}  // namespace haloedge

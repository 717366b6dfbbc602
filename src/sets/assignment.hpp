#pragma once

#include <cstdint>
#include <vector>

#include "tables/image_rows.hpp"

/// The images of a set are assigned to ranks by estimates of the time that each of them takes.
namespace haloedge {

/// The properties of an image that its cost is estimated from, before it is decoded.
struct ImageTraits {
  enum class Kind : std::uint8_t { jpeg, png, tiff };
  Kind kind = Kind::jpeg;
  std::int64_t bytes = 0;  ///< size of the file
  double pixels = 0;
  double pixel_bytes = 3;  ///< bytes of a decoded pixel
};

/// The header is read only of files that have at least this many bytes. Smaller files are many, and the errors of their
/// estimates even out.
inline constexpr std::int64_t smallest_file_with_header_read = std::int64_t{128} << 10;

/// Estimates the properties from the ending of the name and the size of the file, as they are in photos. Pure.
[[nodiscard]] ImageTraits guess_traits(const ImageFile& file);

/// Reads the properties from the header of the file. Falls back to guess_traits() if the header cannot be read; the
/// error is reported when the image is decoded.
[[nodiscard]] ImageTraits read_traits(const ImageFile& file);

/// The time, in nanoseconds of one core, to make and write an edge map, to make a dHash, and to make a score without a
/// depth map. It was measured on one machine. Other machines differ, but only the ratios matter, which differ less.
/// Pure.
[[nodiscard]] std::int64_t edge_map_cost(const ImageTraits& image);
[[nodiscard]] std::int64_t hash_cost(const ImageTraits& image);
[[nodiscard]] std::int64_t score_cost(const ImageTraits& image);

/// Assigns items to parts so that all parts cost about the same, and returns the part of each item. The most expensive
/// item comes first, and each goes to the part that costs least so far (longest processing time first; R. L. Graham,
/// 1969: at most 4/3 of the optimum). Pure: equal costs give equal parts.
[[nodiscard]] std::vector<int> assign(const std::vector<std::int64_t>& costs, int parts);

}  // namespace haloedge

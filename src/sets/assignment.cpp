#include "sets/assignment.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <functional>
#include <numeric>
#include <queue>
#include <string>
#include <utility>

#include "core/file.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

using Kind = ImageTraits::Kind;

// Nanoseconds of one core to open and close a file, and for a compressed byte, a decoded byte or a pixel.
constexpr double open_file = 30e3;
constexpr double jpeg_byte = 17;
constexpr double jpeg_pixel = 2.5;
constexpr double jpeg_skipped_byte = 9.2;  // only the entropy decoding
constexpr double jpeg_hashed_pixel = 1.6;
constexpr double png_decoded_byte = 6.8;
constexpr double tiff_plain_byte = 1.25;
constexpr double tiff_unpacked_byte = 4.3;
constexpr double edge_map_pixel = 6.2;  // to filter, encode and write it
constexpr double scored_pixel = 20;     // to find Canny's edges and to measure them

Kind kind_of(const std::string& path) {
  const std::string ending = name_ending(path);
  if (ending == ".png") return Kind::png;
  return ending == ".jpg" || ending == ".jpeg" ? Kind::jpeg : Kind::tiff;
}

bool is_compressed(const ImageTraits& image) {
  return static_cast<double>(image.bytes) < 0.95 * image.pixels * image.pixel_bytes;
}

double decoding(const ImageTraits& image) {
  const auto bytes = static_cast<double>(image.bytes);
  const double decoded = image.pixels * image.pixel_bytes;
  switch (image.kind) {
    case Kind::jpeg:
      return bytes * jpeg_byte + image.pixels * jpeg_pixel;
    case Kind::png:
      return decoded * png_decoded_byte;
    case Kind::tiff:
      break;
  }
  return decoded * (is_compressed(image) ? tiff_unpacked_byte : tiff_plain_byte);
}

}  // namespace

ImageTraits guess_traits(const ImageFile& file) {
  ImageTraits image{.kind = kind_of(file.path), .bytes = file.bytes};
  constexpr double jpeg_pixels_a_byte = 5.5;
  constexpr double png_pixels_a_byte = 0.67;
  constexpr double tiff_pixels_a_byte = 0.5;  // between plain RGB and compressed
  const double pixels_a_byte = image.kind == Kind::jpeg  ? jpeg_pixels_a_byte
                               : image.kind == Kind::png ? png_pixels_a_byte
                                                         : tiff_pixels_a_byte;
  image.pixels = static_cast<double>(file.bytes) * pixels_a_byte;
  return image;
}

ImageTraits read_traits(const ImageFile& file) {
  ImageTraits image = guess_traits(file);
  try {
    const ImageInfo info = open_image(file.path)->image();
    // A damaged header may claim any size, so the size of the file sets a limit.
    constexpr double most_pixels_a_byte = 2000;
    image.pixels = std::min(static_cast<double>(info.width) * static_cast<double>(info.height),
                            static_cast<double>(file.bytes) * most_pixels_a_byte);
    image.pixel_bytes = static_cast<double>(info.pixel_bytes());
  } catch (const std::exception&) {
    // The error is reported when the image is decoded.
  }
  return image;
}

std::int64_t edge_map_cost(const ImageTraits& image) {
  return std::llround(2 * open_file + decoding(image) + image.pixels * edge_map_pixel);
}

std::int64_t score_cost(const ImageTraits& image) {
  return std::llround(open_file + decoding(image) + image.pixels * scored_pixel);
}

std::int64_t hash_cost(const ImageTraits& image) {
  switch (image.kind) {
    case Kind::jpeg: {
      // The hash of a large image needs only eight runs of rows, each as high as a block; the others are skipped.
      const double looked_at = std::min(image.pixels, 128 * std::sqrt(image.pixels));
      return std::llround(open_file + static_cast<double>(image.bytes) * jpeg_skipped_byte +
                          looked_at * jpeg_hashed_pixel);
    }
    case Kind::png:
      return std::llround(open_file + decoding(image));
    case Kind::tiff:
      break;
  }
  return std::llround(open_file + 0.05 * decoding(image));
}

std::vector<int> assign(const std::vector<std::int64_t>& costs, int parts) {
  std::vector<std::size_t> dearest_first(costs.size());
  std::iota(dearest_first.begin(), dearest_first.end(), std::size_t{0});
  std::stable_sort(dearest_first.begin(), dearest_first.end(),
                   [&](std::size_t a, std::size_t b) { return costs[a] > costs[b]; });
  using Load = std::pair<std::int64_t, int>;  // cost so far, part
  std::priority_queue<Load, std::vector<Load>, std::greater<>> least_first;
  for (int part = 0; part < parts; ++part) least_first.emplace(0, part);
  std::vector<int> part_of(costs.size());
  for (const std::size_t item : dearest_first) {
    const auto [cost, part] = least_first.top();
    least_first.pop();
    part_of[item] = part;
    least_first.emplace(cost + costs[item], part);
  }
  return part_of;
}

}  // namespace haloedge

#include "sets/score_memory.hpp"

#include "kernels/edge_map.hpp"
#include "sink/image_encoder.hpp"
#include "source/source.hpp"

namespace haloedge {

namespace {

using kernels::SampleType;

std::int64_t pixels_of(const ImageInfo& image) { return image.width * image.height; }

/// What finding the edges of 8-bit pixels takes beside them.
std::int64_t edge_finding_bytes(const ImageInfo& image) {
  return kernels::canny_map_bytes(image.width, image.height, 0) + pixels_of(image);
}

/// What cutting a depth map into levels takes beside it and the levels.
std::int64_t level_cutting_bytes(const ImageInfo& depth) {
  constexpr std::int64_t counting = std::int64_t{8} << 20;
  constexpr std::int64_t sorting_a_pixel = 60;
  return depth.type == SampleType::f32 ? sorting_a_pixel * pixels_of(depth) : counting;
}

}  // namespace

std::int64_t score_photo_bytes(const Source& photo) {
  return photo.working_bytes(1) + edge_finding_bytes(photo.image());
}

std::int64_t score_depth_bytes(const Source& depth) {
  const ImageInfo& image = depth.image();
  const std::int64_t gray = image.channels > 1 ? pixels_of(image) * kernels::sample_bytes(image.type) : 0;
  return decoding_bytes(depth) + gray + pixels_of(image) + level_cutting_bytes(image) + edge_finding_bytes(image);
}

std::int64_t score_map_bytes(const TiledImage& map, std::int64_t weights) {
  constexpr std::int64_t lines = 4;  // beside the rows that the Gaussian looks at
  const std::int64_t rows_held = (weights + lines) * (map.width + weights);
  return (map.width * map.height + rows_held) * kernels::sample_bytes(SampleType::f32) + encoding_bytes(map);
}

}  // namespace haloedge

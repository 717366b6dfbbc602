#pragma once

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "kernels/bordered_plane.hpp"
#include "kernels/kernels.hpp"

/// Numbers that say how crowded an image is. Images are whole, have one channel of 8 bits and are not empty.
namespace haloedge {

/// Shannon's entropy of the histogram, in bits: 0 if all pixels are equal, 8 if all levels are equally frequent.
[[nodiscard]] double gray_entropy(const kernels::ConstPixels& gray);

/// The fraction of the pixels that are not 0.
[[nodiscard]] double edge_density(const kernels::ConstPixels& edges);

/// The mean magnitude of the Sobel gradient (3 x 3, weights 1 2 1), in gray levels: up to 2040 in the L1 norm. `gray`
/// is the result of kernels::canny_gray(), whose border repeats the first and last rows and columns.
[[nodiscard]] double mean_gradient(const kernels::BorderedPlane& gray, kernels::Norm norm);

/// A photo and its edges, as `score` measures them.
struct PhotoEdges {
  const kernels::BorderedPlane& gray;
  kernels::ConstPixels edges;
  kernels::Norm norm;  ///< of the gradient
};

/// A number that `score` computes of each photo and writes into the column `name` of its table.
struct PhotoMeasure {
  std::string_view name;
  double (*compute)(const PhotoEdges& photo);
};

inline constexpr std::array photo_measures{
    PhotoMeasure{"edge_density", [](const PhotoEdges& photo) { return edge_density(photo.edges); }},
    PhotoMeasure{"gradient_mean", [](const PhotoEdges& photo) { return mean_gradient(photo.gray, photo.norm); }},
    PhotoMeasure{"entropy", [](const PhotoEdges& photo) { return gray_entropy(photo.gray.pixels()); }},
};

// The congestion of an image: its features (edges or corners, 0 or 255), blurred by a wide Gaussian with a replicated
// border, as by OpenCV's GaussianBlur(features as float32, (71, 71), 7, BORDER_REPLICATE). The mean is the image's
// score.

/// The symmetric weights of a Gaussian of `sigma` > 0 pixels, cut off at round(5 sigma) pixels on either side (71
/// weights for sigma 7). They are normalised in double precision, then rounded to float32.
[[nodiscard]] std::vector<float> congestion_weights(double sigma);

/// The mean of congestion_map(), computed in double precision in one pass over the features, without the map: the
/// weight of a row or column of the features in the whole map is known beforehand (1 inside, another number near the
/// border). `features` is u8 with one channel, any values, and not empty; the number of `weights` is odd.
[[nodiscard]] double mean_congestion(const kernels::ConstPixels& features, std::span<const float> weights);

/// Blurs `features` on the calling thread. `map` is f32, has the size of `features` and does not overlap it; `weights`
/// are symmetric, as congestion_weights() makes them. Images may be smaller than the weights' radius.
///
/// Rows are blurred first, then columns, all in float32 and from the middle outwards: the middle sample times its
/// weight, plus, for each rising distance, the sum of the two samples there times their weight. No product is fused
/// with a sum, so that the map is the same to the last bit on every machine.
void congestion_map(const kernels::ConstPixels& features, std::span<const float> weights, const kernels::Plane& map);

}  // namespace haloedge

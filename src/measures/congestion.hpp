#pragma once

#include <span>
#include <vector>

#include "kernels/kernels.hpp"

/// The congestion of an image: its features (edges or corners, 0 or 255), blurred by a wide Gaussian with a replicated
/// border, as by OpenCV's GaussianBlur(features as float32, (71, 71), 7, BORDER_REPLICATE). The mean is the image's
/// score.
namespace haloedge {

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

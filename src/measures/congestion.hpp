#pragma once

#include <span>
#include <vector>

#include "kernels/kernels.hpp"

/// The congestion of an image: its features (edges or corners, 0 or 255), blurred by a wide Gaussian with a replicated
/// border, as OpenCV's GaussianBlur(features as float32, (71, 71), 7, BORDER_REPLICATE). Its mean is the image's score.
namespace haloedge {

/// Weights of a Gaussian of `sigma` > 0 pixels, cut at round(5 sigma) pixels on either side (71 of them for sigma 7):
/// symmetric, computed in double so that they add up to 1, then rounded to float32. Pure.
[[nodiscard]] std::vector<float> congestion_weights(double sigma);

/// The mean of congestion_map(), without the map: how much a column or row of the features counts in all columns or
/// rows of the map together is known beforehand, 1 inside, another number near the border. `features` is u8 with one
/// channel, any values, and not empty; `weights` are an odd number. In double precision; one pass over the
/// features. Pure.
[[nodiscard]] double mean_congestion(const kernels::ConstPixels& features, std::span<const float> weights);

/// Blurs `features` as above, on the calling thread. `map` is f32, has the size of `features` and does not overlap it;
/// `weights` are symmetric, as congestion_weights() makes them. Images may be smaller than the weights' radius.
///
/// Rows are blurred first, then columns, all in float32. Both sum up alike, from the middle outwards: the sample in the
/// middle times its weight; then for each distance, rising, the sum of the two samples there times their weight is
/// added. No products are fused with sums: the map is the same to the last bit on every machine.
void congestion_map(const kernels::ConstPixels& features, std::span<const float> weights, const kernels::Plane& map);

}  // namespace haloedge

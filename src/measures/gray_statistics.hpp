#pragma once

#include "kernels/bordered_plane.hpp"
#include "kernels/kernels.hpp"

/// Numbers that say how busy an image is. Images are whole, have one channel of 8 bits and are not empty.
namespace haloedge {

/// Shannon's entropy of the histogram, in bits: 0 if all pixels are equal, 8 if all levels are equally frequent.
[[nodiscard]] double gray_entropy(const kernels::ConstPixels& gray);

/// The fraction of the pixels that are not 0.
[[nodiscard]] double edge_density(const kernels::ConstPixels& edges);

/// The mean magnitude of the Sobel gradient (3 x 3, weights 1 2 1), in gray levels: up to 2040 in the L1 norm. `gray`
/// is the result of kernels::canny_gray(), whose border repeats the first and last rows and columns.
[[nodiscard]] double mean_gradient(const kernels::BorderedPlane& gray, kernels::Norm norm);

}  // namespace haloedge

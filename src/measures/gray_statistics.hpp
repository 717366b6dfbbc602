#pragma once

#include "kernels/bordered_plane.hpp"
#include "kernels/kernels.hpp"

/// Numbers that say how busy an image is, of whole images with one channel of 8 bits; none may be empty. All are pure.
namespace haloedge {

/// Shannon's entropy of the histogram, in bits: 0 where all pixels are the same, 8 where all levels are equally many.
[[nodiscard]] double gray_entropy(const kernels::ConstPixels& gray);

/// The part of the pixels that are not 0, from 0 to 1.
[[nodiscard]] double edge_density(const kernels::ConstPixels& edges);

/// The mean magnitude of the Sobel gradient (3 x 3, weights 1 2 1), in units of the gray level: up to 2040 in the l1
/// norm. `gray` is as kernels::canny_gray() makes it: its border repeats the first and last rows and columns.
[[nodiscard]] double mean_gradient(const kernels::BorderedPlane& gray, kernels::Norm norm);

}  // namespace haloedge

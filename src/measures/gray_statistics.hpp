#pragma once

#include <array>
#include <string_view>

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

}  // namespace haloedge

#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "kernels/device_filter.hpp"

namespace haloedge {

using MakeDeviceFilter = std::function<std::unique_ptr<kernels::DeviceFilter>(const kernels::DeviceFilterSpec&)>;

/// Makes the edge maps of whole images in one launch, with one job for each image. All images have the filter's sample
/// type and the same number of channels. The edge maps have no padding.
[[nodiscard]] std::vector<std::vector<std::byte>> device_edges(const MakeDeviceFilter& make,
                                                               const std::vector<kernels::ConstPixels>& images,
                                                               kernels::Gray weights, kernels::Border border,
                                                               const kernels::EdgeFilter& filter);

/// Makes the edge map of one image as the command `edges` does: in tiles narrower than the image, and in bands of rows,
/// which are uploaded and launched while earlier bands run in other slots. Three slots are used in turn, and three
/// places for source rows.
[[nodiscard]] std::vector<std::byte> device_edges_in_bands(const MakeDeviceFilter& make,
                                                           const kernels::ConstPixels& image, kernels::Gray weights,
                                                           kernels::Border border, const kernels::EdgeFilter& filter,
                                                           std::int64_t band_rows, std::int64_t tile_columns);

/// Makes Canny's classes (see kernels/canny.hpp) of bands of 8-bit images, with one job for each. The rows around a
/// band that is not at the top or bottom of its image are those of the image.
struct ImageBand {
  kernels::ConstPixels image;
  std::int64_t first_row = 0;
  std::int64_t rows = 0;
};
[[nodiscard]] std::vector<std::vector<std::byte>> device_classes(const MakeDeviceFilter& make,
                                                                 const std::vector<ImageBand>& bands,
                                                                 kernels::Gray weights,
                                                                 const kernels::CannyFilter& filter);

}  // namespace haloedge

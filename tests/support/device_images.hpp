#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "kernels/device_filter.hpp"

namespace haloedge {

using MakeDeviceFilter = std::function<std::unique_ptr<kernels::DeviceFilter>(const kernels::DeviceFilterSpec&)>;

/// The edge maps of whole images, all in one launch: source rows with their borders put into the filter's memory, one
/// job an image. All images have the filter's sample type and the same number of channels. Edge maps come without gaps.
[[nodiscard]] std::vector<std::vector<std::byte>> device_edges(const MakeDeviceFilter& make,
                                                               const std::vector<kernels::ConstPixels>& images,
                                                               kernels::Gray weights, kernels::Border border,
                                                               const kernels::EdgeFilter& filter);

/// The edge map of one image, as `edges` has it made: in bands of rows, each uploaded and launched while those before
/// it are under way in other slots, and in tiles narrower than the image. Three slots are used in turn, and three
/// places for source rows.
[[nodiscard]] std::vector<std::byte> device_edges_in_bands(const MakeDeviceFilter& make,
                                                           const kernels::ConstPixels& image, kernels::Gray weights,
                                                           kernels::Border border, const kernels::EdgeFilter& filter,
                                                           std::int64_t band_rows, std::int64_t tile_columns);

/// Likewise Canny's classes (see kernels/canny.hpp) of bands of images of 8-bit samples, each a job. Of a band that
/// does not lie at its image's top or bottom, the rows beyond it are the image's.
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

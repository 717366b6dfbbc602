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

}  // namespace haloedge

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "edges/edge_plan.hpp"
#include "run/backend_choice.hpp"
#include "stream/frame_filter.hpp"
#include "stream/options.hpp"

namespace haloedge {

/// What the options mean for frames of this format.
[[nodiscard]] FrameFilterSpec filter_spec(const EdgeOptions& edge, const FrameFormat& format);

/// How many filters this rank has: one for each thread; on a device, as many as let copies and kernels of different
/// frames overlap. Throws Error if the device has too little memory for one.
[[nodiscard]] std::int64_t filter_count(const RankResources& resources, const FrameFilterSpec& spec);

/// Makes what one filter on a device computes with.
using DeviceMaker = std::function<std::unique_ptr<kernels::DeviceFilter>(const kernels::DeviceFilterSpec&)>;

/// `backend` must stay as long as they do. Those on a device use what `make_device` makes; without one, what
/// make_device_filter() makes on the chosen device. Throws what these throw.
[[nodiscard]] std::vector<std::unique_ptr<FrameFilter>> make_filters(std::int64_t count, const FrameFilterSpec& spec,
                                                                     const ChosenBackend& backend,
                                                                     const DeviceMaker& make_device = {});

/// Throws Error, saying how much would do, if `flow` bytes and so many filters do not fit into this rank's memory.
void require_memory(std::int64_t flow, std::int64_t filters, const FrameFilterSpec& spec,
                    const RankResources& resources);

}  // namespace haloedge

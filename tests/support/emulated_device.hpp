#pragma once

#include <memory>

#include "kernels/device_filter.hpp"

namespace haloedge {

/// The time at which an emulated device does its work. Real devices choose a time between the two, so code that works
/// with both waits wherever it must.
enum class DeviceHaste {
  uploads_at_once,  ///< uploads run before earlier launches
  all_at_the_end,   ///< nothing runs until the host waits
};

/// Runs the code of the CUDA kernels on the host, thread by thread: the threads of a warp run in lockstep and exchange
/// values as on a device, and those of a block finish a phase of Canny's kernel together. Its memory is separate from
/// the host's and begins as garbage. The number of `threads` that it claims to run at a time decides the march length,
/// which is 16 rows for many threads.
[[nodiscard]] std::unique_ptr<kernels::DeviceFilter> make_emulated_device(const kernels::DeviceFilterSpec& spec,
                                                                          DeviceHaste haste, std::int64_t threads = 1);

}  // namespace haloedge

#pragma once

#include <memory>

#include "kernels/device_filter.hpp"

namespace haloedge {

/// When an emulated device does what it was asked for. Real devices do it at some time between the two, so a host that
/// is right with both waits for all that it must wait for.
enum class DeviceHaste {
  uploads_at_once,  ///< before launches that were asked for earlier
  all_at_the_end,   ///< nothing before somebody waits for it
};

/// The CUDA kernels' own code on the host, thread by thread: threads of a warp run in step and swap values as on a
/// device, and those of a block end a phase of Canny's together. Its memory is apart from the host's and begins as
/// garbage. How many `threads` are said to run at a time decides how long each one marches: 16 rows where there are
/// many.
[[nodiscard]] std::unique_ptr<kernels::DeviceFilter> make_emulated_device(const kernels::DeviceFilterSpec& spec,
                                                                          DeviceHaste haste, std::int64_t threads = 1);

}  // namespace haloedge

// These functions stand in for the CUDA kernels in a build without them.
#include "kernels/device_filter.hpp"

namespace haloedge::kernels {

namespace {

constexpr const char* reason = "this build has no CUDA kernels";

}  // namespace

Devices find_devices() { return {.why_none = reason}; }

std::int64_t free_device_memory(int) { throw DeviceError(reason); }

std::string device_build() { return {}; }

std::unique_ptr<DeviceFilter> make_device_filter(int, const DeviceFilterSpec&) { throw DeviceError(reason); }

}  // namespace haloedge::kernels

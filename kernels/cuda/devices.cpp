#include <cstdlib>

#include <cuda_runtime_api.h>

#include "kernels/cuda/runtime.hpp"
#include "kernels/device_filter.hpp"

namespace haloedge::kernels {

namespace {

std::string version_text(int number) {
  return std::to_string(number / 1000) + "." + std::to_string(number % 1000 / 10);
}

std::string bus_of(int number) {
  char text[32] = {};
  cuda::check(cudaDeviceGetPCIBusId(text, sizeof text, number), "cudaDeviceGetPCIBusId");
  return text;
}

/// The device's unique number, which parts of a divided device have, too.
std::string identity_of(const cudaDeviceProp& properties) {
  constexpr const char* digits = "0123456789abcdef";
  std::string text;
  for (const char c : properties.uuid.bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += {digits[byte / 16], digits[byte % 16]};
  }
  return text;
}

Device describe(int number) {
  cudaDeviceProp properties{};
  cuda::check(cudaGetDeviceProperties(&properties, number), "cudaGetDeviceProperties");
  return {.number = number,
          .name = properties.name,
          .identity = identity_of(properties),
          .bus = bus_of(number),
          .capability = std::to_string(properties.major) + "." + std::to_string(properties.minor),
          .memory = static_cast<std::int64_t>(properties.totalGlobalMem)};
}

}  // namespace

Devices find_devices() {
  Devices devices{.runtime = version_text(CUDART_VERSION)};
  int driver = 0;
  if (cudaDriverGetVersion(&driver) != cudaSuccess || driver == 0) {
    devices.why_none = "this machine has no NVIDIA driver";
    return devices;
  }
  devices.driver = version_text(driver);
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status != cudaSuccess || count == 0) {
    devices.why_none = status == cudaSuccess ? "no device is visible" : cudaGetErrorString(status);
    devices.why_none += " (driver for CUDA " + devices.driver + ", built with " + devices.runtime + ")";
    if (const char* visible = std::getenv("CUDA_VISIBLE_DEVICES")) {
      devices.why_none += ", CUDA_VISIBLE_DEVICES=" + std::string(visible);
    }
    return devices;
  }
  for (int number = 0; number < count; ++number) devices.found.push_back(describe(number));
  return devices;
}

std::int64_t free_device_memory(int number) {
  cuda::use_device(number);
  std::size_t free = 0;
  std::size_t all = 0;
  cuda::check(cudaMemGetInfo(&free, &all), "cudaMemGetInfo");
  return static_cast<std::int64_t>(free);
}

std::string device_build() { return version_text(CUDART_VERSION) + ", for " HALOEDGE_CUDA_ARCHITECTURES; }

}  // namespace haloedge::kernels

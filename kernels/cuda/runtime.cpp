#include "kernels/cuda/runtime.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>

namespace haloedge::kernels::cuda {

namespace {

/// Returns "CUDA device 0 (NVIDIA H200)", or less if the runtime does not answer.
std::string current_device() {
  int number = 0;
  if (cudaGetDevice(&number) != cudaSuccess) return "CUDA";
  cudaDeviceProp properties{};
  const bool known = cudaGetDeviceProperties(&properties, number) == cudaSuccess;
  return "CUDA device " + std::to_string(number) + (known ? " (" + std::string(properties.name) + ")" : "");
}

std::string megabytes(std::int64_t bytes) { return std::to_string(divide_up(bytes, 1 << 20)) + " MiB"; }

/// Clears the error of a destructor's call that returned `status`, so that it is not reported as an error of the next
/// launch.
void ignore(cudaError_t status) {
  if (status != cudaSuccess) (void)cudaGetLastError();
}

}  // namespace

void check(cudaError_t status, std::string_view call) {
  if (status == cudaSuccess) return;
  cudaGetLastError();  // clears the error if it is not sticky
  throw DeviceError(current_device() + ": " + std::string(call) + ": " + cudaGetErrorString(status) + " (" +
                    cudaGetErrorName(status) + ")");
}

void use_device(int number) { check(cudaSetDevice(number), "cudaSetDevice(" + std::to_string(number) + ")"); }

Stream::Stream() { check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreate"); }

Stream::~Stream() {
  ignore(cudaStreamSynchronize(stream_));
  ignore(cudaStreamDestroy(stream_));
}

Event::Event() {
  check(cudaEventCreateWithFlags(&event_, cudaEventDisableTiming | cudaEventBlockingSync), "cudaEventCreate");
}

Event::~Event() { ignore(cudaEventDestroy(event_)); }

void Event::record(const Stream& stream) { check(cudaEventRecord(event_, stream.get()), "cudaEventRecord"); }

void Event::make_wait(const Stream& stream) const {
  check(cudaStreamWaitEvent(stream.get(), event_, 0), "cudaStreamWaitEvent");
}

void Event::wait() const { check(cudaEventSynchronize(event_), "cudaEventSynchronize"); }

DeviceMemory::DeviceMemory(std::int64_t bytes) {
  void* memory = nullptr;
  check(cudaMalloc(&memory, static_cast<std::size_t>(std::max<std::int64_t>(bytes, 1))),
        "cudaMalloc of " + megabytes(bytes));
  data_ = static_cast<std::byte*>(memory);
}

DeviceMemory::~DeviceMemory() { ignore(cudaFree(data_)); }

PinnedMemory::PinnedMemory(std::int64_t bytes) : size_(bytes) {
  void* memory = nullptr;
  check(cudaMallocHost(&memory, static_cast<std::size_t>(std::max<std::int64_t>(bytes, 1))),
        "cudaMallocHost of " + megabytes(bytes));
  data_ = static_cast<std::byte*>(memory);
}

PinnedMemory::~PinnedMemory() { ignore(cudaFreeHost(data_)); }

}  // namespace haloedge::kernels::cuda

namespace haloedge::kernels {

namespace {

using namespace cuda;

std::string version_text(int number) {
  return std::to_string(number / 1000) + "." + std::to_string(number % 1000 / 10);
}

std::string bus_of(int number) {
  char text[32] = {};
  check(cudaDeviceGetPCIBusId(text, sizeof text, number), "cudaDeviceGetPCIBusId");
  return text;
}

/// Returns the device's UUID in hexadecimal. Each part of a device that MIG divides has a UUID of its own.
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
  check(cudaGetDeviceProperties(&properties, number), "cudaGetDeviceProperties");
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
  for (int number = 0; number < count; ++number) {
    try {
      devices.found.push_back(describe(number));
    } catch (const DeviceError& error) {
      devices.why_none = error.what();
    }
  }
  return devices;
}

std::int64_t free_device_memory(int number) {
  use_device(number);
  std::size_t free = 0;
  std::size_t all = 0;
  check(cudaMemGetInfo(&free, &all), "cudaMemGetInfo");
  return static_cast<std::int64_t>(free);
}

std::string device_build() { return version_text(CUDART_VERSION) + ", for " HALOEDGE_CUDA_ARCHITECTURES; }

}  // namespace haloedge::kernels

#include "kernels/cuda/runtime.hpp"

#include <algorithm>
#include <string>

namespace haloedge::kernels::cuda {

namespace {

/// "CUDA device 0 (NVIDIA H200)", or less if the runtime has failed.
std::string current_device() {
  int number = 0;
  if (cudaGetDevice(&number) != cudaSuccess) return "CUDA";
  cudaDeviceProp properties{};
  const bool known = cudaGetDeviceProperties(&properties, number) == cudaSuccess;
  return "CUDA device " + std::to_string(number) + (known ? " (" + std::string(properties.name) + ")" : "");
}

std::string megabytes(std::int64_t bytes) { return std::to_string((bytes + (1 << 20) - 1) >> 20) + " MiB"; }

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
  cudaStreamSynchronize(stream_);
  cudaStreamDestroy(stream_);
}

Event::Event() {
  check(cudaEventCreateWithFlags(&event_, cudaEventDisableTiming | cudaEventBlockingSync), "cudaEventCreate");
}

Event::~Event() { cudaEventDestroy(event_); }

void Event::record(const Stream& stream) { check(cudaEventRecord(event_, stream.get()), "cudaEventRecord"); }

void Event::hold_back(const Stream& stream) const {
  check(cudaStreamWaitEvent(stream.get(), event_, 0), "cudaStreamWaitEvent");
}

void Event::wait() const { check(cudaEventSynchronize(event_), "cudaEventSynchronize"); }

DeviceMemory::DeviceMemory(std::int64_t bytes) {
  void* memory = nullptr;
  check(cudaMalloc(&memory, static_cast<std::size_t>(std::max<std::int64_t>(bytes, 1))),
        "cudaMalloc of " + megabytes(bytes));
  data_ = static_cast<std::byte*>(memory);
}

DeviceMemory::~DeviceMemory() {
  // Clears the error, so that it is not reported as an error of the next launch.
  if (cudaFree(data_) != cudaSuccess) (void)cudaGetLastError();
}

PinnedMemory::PinnedMemory(std::int64_t bytes) : size_(bytes) {
  void* memory = nullptr;
  check(cudaMallocHost(&memory, static_cast<std::size_t>(std::max<std::int64_t>(bytes, 1))),
        "cudaMallocHost of " + megabytes(bytes));
  data_ = static_cast<std::byte*>(memory);
}

PinnedMemory::~PinnedMemory() { cudaFreeHost(data_); }

}  // namespace haloedge::kernels::cuda

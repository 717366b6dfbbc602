#pragma once

// Owners of what the CUDA runtime gives, and its errors as exceptions.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <cuda_runtime_api.h>

#include "kernels/device_filter.hpp"

namespace haloedge::kernels::cuda {

/// Throws DeviceError with the current device's number and name, `call` and the runtime's reason unless `status` is
/// success.
void check(cudaError_t status, std::string_view call);

/// Makes a device the calling thread's current one.
void use_device(int number);

class Stream {
 public:
  Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  /// Waits for what was begun in it, since that may still use memory which goes after it.
  ~Stream();
  [[nodiscard]] cudaStream_t get() const { return stream_; }

 private:
  cudaStream_t stream_ = nullptr;
};

/// A point in a stream. Threads that wait for it sleep.
class Event {
 public:
  Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event();

  void record(const Stream& stream);
  /// Has `stream` wait, not the caller.
  void hold_back(const Stream& stream) const;
  void wait() const;

 private:
  cudaEvent_t event_ = nullptr;
};

/// Memory of the current device, from a multiple of 256 on.
class DeviceMemory {
 public:
  explicit DeviceMemory(std::int64_t bytes);
  DeviceMemory(const DeviceMemory&) = delete;
  DeviceMemory& operator=(const DeviceMemory&) = delete;
  ~DeviceMemory();
  [[nodiscard]] std::byte* data() const { return data_; }

 private:
  std::byte* data_ = nullptr;
};

/// Memory of the host that the device's copy engines reach, from a page's begin on.
class PinnedMemory {
 public:
  explicit PinnedMemory(std::int64_t bytes);
  PinnedMemory(const PinnedMemory&) = delete;
  PinnedMemory& operator=(const PinnedMemory&) = delete;
  ~PinnedMemory();
  [[nodiscard]] std::byte* data() const { return data_; }
  [[nodiscard]] std::span<std::byte> span() const { return {data_, static_cast<std::size_t>(size_)}; }

 private:
  std::byte* data_ = nullptr;
  std::int64_t size_;
};

}  // namespace haloedge::kernels::cuda

#pragma once

// Owners of streams, events and memory of the CUDA runtime, and its errors as exceptions.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <cuda_runtime_api.h>

#include "kernels/device_filter.hpp"

namespace haloedge::kernels::cuda {

/// Throws DeviceError unless `status` is success; the message has the current device's number and name, `call`, and the
/// runtime's reason.
void check(cudaError_t status, std::string_view call);

/// Makes a device the calling thread's current one.
void use_device(int number);

class Stream {
 public:
  Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  /// Waits for the stream's work, which may use memory that is freed next.
  ~Stream();
  [[nodiscard]] cudaStream_t get() const { return stream_; }

 private:
  cudaStream_t stream_ = nullptr;
};

/// A point in a stream. Waiting threads sleep.
class Event {
 public:
  Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event();

  void record(const Stream& stream);
  /// Makes `stream` wait for the event; the caller does not wait.
  void make_wait(const Stream& stream) const;
  void wait() const;

 private:
  cudaEvent_t event_ = nullptr;
};

/// Memory of the current device, aligned to 256 bytes.
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

/// Page-locked memory of the host, page-aligned, which the device's copy engines can access.
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

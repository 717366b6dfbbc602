// An emulation on the host of the functions of the CUDA runtime that the program calls. It is linked in place of the
// runtime, with emulated kernels, so that all code for devices runs on machines without one.
//
// A stream does nothing until the host waits for it, which is the latest time that a device may choose: code that does
// not wait reads old bytes. With HALOEDGE_EMULATED_UPLOADS=early, uploads from pinned memory happen at once, which is
// the earliest time: code that overwrites rows that a launch still reads gets wrong results. New memory contains
// garbage. Copies between other kinds of memory than they claim are refused, and so are launches into a stream of a
// device that is not the thread's current one. The devices are those of CUDA_VISIBLE_DEVICES, or one.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/runtime.hpp"
#include "support/emulated_kernels.hpp"

/// A stream of a device: its work that is not done yet, in order.
struct CUstream_st {
  int device = 0;
  std::deque<std::function<void()>> begun;
  std::int64_t done = 0;

  [[nodiscard]] std::int64_t end() const { return done + static_cast<std::int64_t>(begun.size()); }
  void run_to(std::int64_t place) {
    while (done < place) {
      const std::function<void()> work = std::move(begun.front());
      begun.pop_front();
      ++done;
      work();
    }
  }
};

/// A point in a stream, and whether it has been reached. Streams share it, because they may outlive the event.
struct CUevent_st {
  using Time = std::chrono::steady_clock::time_point;
  CUstream_st* stream = nullptr;
  std::int64_t place = 0;
  std::shared_ptr<Time> reached = std::make_shared<Time>();
};

namespace haloedge {
namespace {

constexpr std::size_t device_bytes = std::size_t{1} << 30;
constexpr std::align_val_t alignment{256};

class Memory {
 public:
  void* allocate(std::size_t bytes) {
    void* const begin = ::operator new(bytes, alignment);
    std::memset(begin, 0xCD, bytes);
    blocks_[static_cast<std::byte*>(begin)] = bytes;
    used_ += bytes;
    return begin;
  }
  void free(void* begin) {
    const auto found = blocks_.find(static_cast<std::byte*>(begin));
    if (found == blocks_.end()) std::abort();
    used_ -= found->second;
    blocks_.erase(found);
    ::operator delete(begin, alignment);
  }
  [[nodiscard]] bool has(const void* from, std::size_t bytes) const {
    const auto* const first = static_cast<const std::byte*>(from);
    const auto after = blocks_.upper_bound(const_cast<std::byte*>(first));
    if (after == blocks_.begin()) return false;
    const auto& [begin, size] = *std::prev(after);
    return first + bytes <= begin + size;
  }
  [[nodiscard]] std::size_t used() const { return used_; }

 private:
  std::map<std::byte*, std::size_t> blocks_;
  std::size_t used_ = 0;
};

/// The state of the emulated machine, guarded by a mutex.
struct Machine {
  std::mutex mutex;
  Memory device;
  Memory pinned;
  /// Destroyed streams stay, since other streams may wait for them. The first one is the default stream.
  std::deque<CUstream_st> streams = std::deque<CUstream_st>(1);

  void run_all() {
    for (CUstream_st& stream : streams) stream.run_to(stream.end());
  }
};

Machine& machine() {
  static Machine one;
  return one;
}

auto lock() { return std::lock_guard(machine().mutex); }

std::vector<int> visible_devices() {
  const char* const list = std::getenv("CUDA_VISIBLE_DEVICES");
  std::vector<int> devices;
  std::istringstream numbers(list == nullptr ? "0" : list);
  for (std::string number; std::getline(numbers, number, ',');) devices.push_back(std::stoi(number));
  return devices;
}

thread_local int current_device = 0;

bool uploads_are_early() {
  const char* const uploads = std::getenv("HALOEDGE_EMULATED_UPLOADS");
  return uploads != nullptr && std::string(uploads) == "early";
}

cudaError_t begin(cudaStream_t stream, std::function<void()> work) {
  stream->begun.push_back(std::move(work));
  return cudaSuccess;
}

}  // namespace
}  // namespace haloedge

using namespace haloedge;

// These functions have the names and parameters of the runtime.
// NOLINTBEGIN(readability-identifier-naming,bugprone-easily-swappable-parameters)

cudaError_t cudaDriverGetVersion(int* version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}
cudaError_t cudaGetDeviceCount(int* count) {
  *count = static_cast<int>(visible_devices().size());
  return *count > 0 ? cudaSuccess : cudaErrorNoDevice;
}
cudaError_t cudaSetDevice(int number) {
  if (number < 0 || number >= static_cast<int>(visible_devices().size())) return cudaErrorInvalidDevice;
  current_device = number;
  return cudaSuccess;
}
cudaError_t cudaGetDevice(int* number) {
  *number = current_device;
  return cudaSuccess;
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int number) {
  *properties = {};
  std::strcpy(properties->name, "emulated device");
  properties->uuid.bytes[15] = static_cast<char>(visible_devices().at(static_cast<std::size_t>(number)));
  properties->totalGlobalMem = device_bytes;
  properties->major = 9;
  return cudaSuccess;
}
cudaError_t cudaDeviceGetPCIBusId(char* text, int size, int number) {
  std::snprintf(text, static_cast<std::size_t>(size), "0000:%02X:00.0",
                static_cast<unsigned>(visible_devices().at(static_cast<std::size_t>(number))));
  return cudaSuccess;
}
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr, int) {
  *value = 2;
  return cudaSuccess;
}
cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  const auto guard = lock();
  *total = device_bytes;
  *free = device_bytes - machine().device.used();
  return cudaSuccess;
}
cudaError_t cudaGetLastError() { return cudaSuccess; }
const char* cudaGetErrorString(cudaError_t) { return "the emulated runtime refused it"; }
const char* cudaGetErrorName(cudaError_t error) {
  return error == cudaErrorMemoryAllocation ? "cudaErrorMemoryAllocation" : "cudaErrorInvalidValue";
}

cudaError_t cudaMalloc(void** memory, std::size_t bytes) {
  const auto guard = lock();
  if (bytes > device_bytes - machine().device.used()) return cudaErrorMemoryAllocation;
  *memory = machine().device.allocate(bytes);
  return cudaSuccess;
}
cudaError_t cudaFree(void* memory) {
  const auto guard = lock();
  machine().run_all();
  machine().device.free(memory);
  return cudaSuccess;
}
cudaError_t cudaMallocHost(void** memory, std::size_t bytes) {
  const auto guard = lock();
  *memory = machine().pinned.allocate(bytes);
  return cudaSuccess;
}
cudaError_t cudaFreeHost(void* memory) {
  const auto guard = lock();
  machine().run_all();
  machine().pinned.free(memory);
  return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
  const auto guard = lock();
  const bool from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
  const bool to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
  const Memory& source = from_device ? machine().device : machine().pinned;
  const Memory& target = to_device ? machine().device : machine().pinned;
  if (!source.has(from, bytes) || !target.has(to, bytes)) return cudaErrorInvalidValue;
  if (kind == cudaMemcpyHostToDevice && uploads_are_early()) {
    std::memcpy(to, from, bytes);
    return cudaSuccess;
  }
  return begin(stream, [=] { std::memcpy(to, from, bytes); });
}
/// As in the runtime, a copy to the device from memory that is not pinned may finish later; a copy from the device may
/// not.
cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  const auto guard = lock();
  CUstream_st& stream = machine().streams.front();
  if (kind == cudaMemcpyHostToDevice) {
    if (!machine().device.has(to, bytes)) return cudaErrorInvalidValue;
    const auto* const first = static_cast<const std::byte*>(from);
    return begin(&stream, [to, held = std::vector<std::byte>(first, first + bytes)] {
      std::memcpy(to, held.data(), held.size());
    });
  }
  if (!machine().device.has(from, bytes)) return cudaErrorInvalidValue;
  stream.run_to(stream.end());
  std::memcpy(to, from, bytes);
  return cudaSuccess;
}
cudaError_t cudaMemset(void* memory, int value, std::size_t bytes) {
  const auto guard = lock();
  if (!machine().device.has(memory, bytes)) return cudaErrorInvalidValue;
  return begin(&machine().streams.front(), [=] { std::memset(memory, value, bytes); });
}
cudaError_t cudaDeviceSynchronize() {
  const auto guard = lock();
  machine().run_all();
  return cudaSuccess;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  const auto guard = lock();
  *stream = &machine().streams.emplace_back();
  (*stream)->device = current_device;
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  const auto guard = lock();
  stream->run_to(stream->end());
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) { return cudaStreamSynchronize(stream); }
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  const auto guard = lock();
  if (event->stream == nullptr) return cudaSuccess;
  return begin(stream, [other = event->stream, place = event->place] { other->run_to(place); });
}

cudaError_t cudaEventCreate(cudaEvent_t* event) {
  *event = new CUevent_st;
  return cudaSuccess;
}
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) { return cudaEventCreate(event); }
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  const auto guard = lock();
  begin(stream, [reached = event->reached] { *reached = std::chrono::steady_clock::now(); });
  event->stream = stream;
  event->place = stream->end();
  return cudaSuccess;
}
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  const auto guard = lock();
  if (event->stream != nullptr) event->stream->run_to(event->place);
  return cudaSuccess;
}
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t first, cudaEvent_t last) {
  const auto guard = lock();
  *milliseconds = std::chrono::duration<float, std::milli>(*last->reached - *first->reached).count();
  return cudaSuccess;
}

// NOLINTEND(readability-identifier-naming,bugprone-easily-swappable-parameters)

namespace haloedge::kernels::cuda {

namespace {

void require_own_stream(cudaStream_t stream) {
  check(stream->device == current_device ? cudaSuccess : cudaErrorInvalidResourceHandle, "launching a kernel");
}

}  // namespace

void launch_march(const Variant& variant, const Launch& launch, cudaStream_t stream) {
  require_own_stream(stream);
  const auto guard = lock();
  begin(stream, [=] { run_march(variant, launch); });
}

void launch_canny(const CannyFilter& filter, int channels, const Launch& launch, cudaStream_t stream) {
  require_own_stream(stream);
  const auto guard = lock();
  begin(stream, [=] { run_canny(filter, channels, launch); });
}

std::int64_t threads_at_a_time(const Variant& variant) {
  with_variant(variant, [](const auto&...) {});  // throws if there is no kernel for the variant
  return 1024;
}

}  // namespace haloedge::kernels::cuda

// DeviceFilter with CUDA. Uploads, kernels and downloads have a stream each, so that those of different slots overlap.
#include <algorithm>
#include <cstring>
#include <deque>
#include <optional>
#include <vector>

#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/layout.hpp"
#include "kernels/cuda/runtime.hpp"
#include "kernels/device_filter.hpp"

namespace haloedge::kernels {

namespace {

using namespace cuda;

/// Makes a device the calling thread's current one, on which memory, streams and events are created.
class UsedDevice {
 public:
  explicit UsedDevice(int number) : number_(number) { use(); }
  void use() const { use_device(number_); }
  /// Does what use() does, but ignores errors, because destructors must not throw.
  void use_if_possible() const {
    if (cudaSetDevice(number_) != cudaSuccess) (void)cudaGetLastError();
  }

 private:
  int number_;
};

class CudaFilter final : public DeviceFilter {
 public:
  CudaFilter(int number, const DeviceFilterSpec& spec)
      : device_(number),
        spec_(spec),
        variant_(spec.canny ? std::nullopt : std::optional(choose_variant(spec.filter, spec.channels))),
        threads_(variant_ ? threads_at_a_time(*variant_) : 1),
        host_source_(spec.source_bytes),
        device_source_(spec.source_bytes) {
    for (int i = 0; i < spec.slots; ++i) slots_.push_back(std::make_unique<Slot>(spec));
    // With one slot, callers wait before they upload again, so one stream is enough. Few streams run at a time on a
    // device (CUDA_DEVICE_MAX_CONNECTIONS, 8 by default), and several filters share them.
    for (int i = 0; i < (spec.slots > 1 ? 3 : 1); ++i) streams_.emplace_back();
  }
  CudaFilter(const CudaFilter&) = delete;
  CudaFilter& operator=(const CudaFilter&) = delete;
  /// Selects the device first. If another device were current, freeing memory would create a context there.
  ~CudaFilter() override { device_.use_if_possible(); }

  [[nodiscard]] std::span<std::byte> source() override { return host_source_.span(); }

  void upload(std::span<const std::byte> part) override {
    device_.use();
    const std::ptrdiff_t offset = part.data() - host_source_.data();
    check(cudaMemcpyAsync(device_source_.data() + offset, part.data(), part.size(), cudaMemcpyHostToDevice,
                          uploads().get()),
          "uploading " + std::to_string(part.size()) + " bytes");
  }

  void launch(int number, std::span<const DeviceJob> jobs) override {
    device_.use();
    Slot& slot = *slots_.at(static_cast<std::size_t>(number));
    lay_out(spec_, jobs, source(), device_source_.data(), slot.device_result.data(), threads_, tables_);
    const Launch launch = upload_tables(slot);
    slot.uploaded.record(uploads());
    slot.uploaded.make_wait(kernels());
    if (variant_) {
      launch_march(*variant_, launch, kernels().get());
    } else {
      launch_canny(spec_.canny.value(), spec_.channels, launch, kernels().get());
    }
    slot.made.record(kernels());
    slot.made.make_wait(downloads());
    check(cudaMemcpyAsync(slot.host_result.data(), slot.device_result.data(),
                          static_cast<std::size_t>(tables_.result_bytes), cudaMemcpyDeviceToHost, downloads().get()),
          "downloading " + std::to_string(tables_.result_bytes) + " bytes");
    slot.downloaded.record(downloads());
  }

  [[nodiscard]] std::span<std::byte> wait(int number) override {
    device_.use();
    Slot& slot = *slots_.at(static_cast<std::size_t>(number));
    slot.downloaded.wait();
    return slot.host_result.span();
  }

 private:
  struct Slot {
    explicit Slot(const DeviceFilterSpec& spec)
        : host_tables(table_bytes(spec)),
          device_tables(table_bytes(spec)),
          host_result(spec.result_bytes),
          device_result(spec.result_bytes) {}
    PinnedMemory host_tables;
    DeviceMemory device_tables;
    PinnedMemory host_result;
    DeviceMemory device_result;
    Event uploaded;
    Event made;
    Event downloaded;
  };

  // These are three streams, or one for all: see the constructor.
  [[nodiscard]] const Stream& uploads() const { return streams_.front(); }
  [[nodiscard]] const Stream& kernels() const { return streams_[streams_.size() / 2]; }
  [[nodiscard]] const Stream& downloads() const { return streams_.back(); }

  Launch upload_tables(Slot& slot) {
    const std::size_t job_bytes = tables_.jobs.size() * sizeof(Job);
    const std::size_t row_bytes = tables_.rows.size() * sizeof(const std::byte*);
    std::memcpy(slot.host_tables.data(), tables_.jobs.data(), job_bytes);
    std::memcpy(slot.host_tables.data() + job_bytes, tables_.rows.data(), row_bytes);
    check(cudaMemcpyAsync(slot.device_tables.data(), slot.host_tables.data(), job_bytes + row_bytes,
                          cudaMemcpyHostToDevice, uploads().get()),
          "uploading the table of " + std::to_string(tables_.jobs.size()) + " images");
    return launch_of(spec_, tables_, reinterpret_cast<const Job*>(slot.device_tables.data()),
                     reinterpret_cast<const std::byte* const*>(slot.device_tables.data() + job_bytes));
  }

  UsedDevice device_;
  DeviceFilterSpec spec_;
  std::optional<Variant> variant_;  ///< none for Canny
  std::int64_t threads_;
  PinnedMemory host_source_;
  DeviceMemory device_source_;
  std::vector<std::unique_ptr<Slot>> slots_;
  LaunchTables tables_;         ///< those of the last launch
  std::deque<Stream> streams_;  ///< destroyed first, since each waits for its work
};

}  // namespace

std::unique_ptr<DeviceFilter> make_device_filter(int number, const DeviceFilterSpec& spec) {
  return std::make_unique<CudaFilter>(number, spec);
}

}  // namespace haloedge::kernels

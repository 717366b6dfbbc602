#include "support/emulated_device.hpp"

#include <cstring>
#include <deque>
#include <functional>
#include <new>
#include <stdexcept>
#include <vector>

#include "kernels/cuda/layout.hpp"
#include "support/emulated_kernels.hpp"

namespace haloedge {

namespace {

using namespace kernels;

struct AlignedMemory {
  explicit AlignedMemory(std::int64_t bytes)
      : size(static_cast<std::size_t>(bytes)),
        data(static_cast<std::byte*>(::operator new (size, std::align_val_t{64})), &release) {
    std::memset(data.get(), 0xCD, size);
  }
  static void release(std::byte* memory) { ::operator delete (memory, std::align_val_t{64}); }
  std::size_t size;
  std::unique_ptr<std::byte, void (*)(std::byte*)> data;
};

class EmulatedDevice final : public DeviceFilter {
 public:
  EmulatedDevice(const DeviceFilterSpec& spec, DeviceHaste haste, std::int64_t threads)
      : spec_(spec),
        haste_(haste),
        threads_(threads),
        variant_(cuda::choose_variant(spec.filter, spec.channels)),
        host_source_(spec.source_bytes),
        device_source_(spec.source_bytes),
        launched_(static_cast<std::size_t>(spec.slots)) {
    for (int i = 0; i < spec.slots; ++i) {
      host_results_.emplace_back(spec.result_bytes);
      device_results_.emplace_back(spec.result_bytes);
    }
  }

  [[nodiscard]] std::span<std::byte> source() override { return {host_source_.data.get(), host_source_.size}; }

  void upload(std::span<const std::byte> part) override {
    const std::ptrdiff_t offset = part.data() - host_source_.data.get();
    if (offset < 0 || offset + std::ssize(part) > std::ssize(source())) throw std::logic_error("not of source()");
    const auto copy = [this, part, offset] {
      std::memcpy(device_source_.data.get() + offset, part.data(), part.size());
    };
    if (haste_ == DeviceHaste::uploads_at_once) {
      copy();
    } else {
      queue_.emplace_back(copy);
    }
  }

  void launch(int slot, std::span<const DeviceJob> jobs) override {
    const auto at = static_cast<std::size_t>(slot);
    if (launched_.at(at)) throw std::logic_error("a slot is launched into again that was not waited for");
    launched_[at] = true;
    cuda::LaunchTables tables;
    cuda::lay_out(spec_, jobs, source(), device_source_.data.get(), device_results_[at].data.get(), threads_, tables);
    queue_.emplace_back([this, at, tables] {
      const cuda::Launch launch = cuda::launch_of(spec_, tables, tables.jobs.data(), tables.rows.data());
      if (spec_.canny) {
        run_canny(*spec_.canny, spec_.channels, launch);
      } else {
        run_march(variant_, launch);
      }
      std::memcpy(host_results_[at].data.get(), device_results_[at].data.get(),
                  static_cast<std::size_t>(tables.result_bytes));
      launched_[at] = false;
    });
  }

  [[nodiscard]] std::span<std::byte> wait(int slot) override {
    const auto at = static_cast<std::size_t>(slot);
    while (launched_.at(at)) {
      queue_.front()();
      queue_.pop_front();
    }
    return {host_results_[at].data.get(), host_results_[at].size};
  }

 private:
  DeviceFilterSpec spec_;
  DeviceHaste haste_;
  std::int64_t threads_;
  cuda::Variant variant_;
  AlignedMemory host_source_;
  AlignedMemory device_source_;
  std::vector<AlignedMemory> host_results_;
  std::vector<AlignedMemory> device_results_;
  std::vector<bool> launched_;
  std::deque<std::function<void()>> queue_;
};

}  // namespace

std::unique_ptr<DeviceFilter> make_emulated_device(const DeviceFilterSpec& spec, DeviceHaste haste,
                                                   std::int64_t threads) {
  return std::make_unique<EmulatedDevice>(spec, haste, threads);
}

}  // namespace haloedge

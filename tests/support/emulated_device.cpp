#include "support/emulated_device.hpp"

#include <cstring>
#include <deque>
#include <functional>
#include <new>
#include <stdexcept>
#include <vector>

#include "kernels/cuda/canny.hpp"
#include "kernels/cuda/layout.hpp"
#include "kernels/cuda/variant.hpp"

namespace haloedge {

namespace {

using namespace kernels;

constexpr std::int64_t warp = cuda::warp_lanes;

/// Runs the threads of one warp in step.
template <class March, class Op, class Output>
void run_warp(const cuda::Launch& launch, std::int64_t first_item, const Op& op, const Output& output) {
  std::vector<March> threads;
  for (std::int64_t i = 0; i < warp; ++i) threads.emplace_back(launch, first_item + i, static_cast<unsigned>(i));
  for (int step = 0; step < launch.march_rows + 2; ++step) {
    for (March& thread : threads) thread.take(step);
    std::vector<typename March::Gray> firsts;
    std::vector<typename March::Gray> lasts;
    for (const March& thread : threads) {
      firsts.push_back(thread.first());
      lasts.push_back(thread.last());
    }
    for (std::size_t i = 0; i < threads.size(); ++i) {
      // Like a device's shuffle, the threads at the ends get their own value.
      const auto before = lasts[i > 0 ? i - 1 : i];
      const auto behind = firsts[i + 1 < threads.size() ? i + 1 : i];
      threads[i].advance(step, threads[i].left(before), threads[i].right(behind), op, output);
    }
  }
}

void run_grid(const cuda::Variant& variant, const cuda::Launch& launch) {
  cuda::with_variant(variant, [&](auto sample, auto channels, const auto& op, const auto& output) {
    using March = cuda::March<typename decltype(sample)::Type, channels.value, std::decay_t<decltype(op)>,
                              std::decay_t<decltype(output)>>;
    // Blocks of four warps, as on a device: the last ones may have nothing to do.
    for (std::int64_t item = 0; item < launch.items; item += 4 * warp) {
      for (std::int64_t first = item; first < item + 4 * warp; first += warp) {
        run_warp<March>(launch, first, op, output);
      }
    }
  });
}

/// Runs the threads of one block, phase by phase. Within a phase they may run in any order: every other block has them
/// from the last to the first.
template <std::size_t channels>
void run_block(const cuda::Launch& launch, std::int64_t item, const CannyFilter& filter) {
  cuda::CannyPatch patch;
  std::memset(&patch, 0xCD, sizeof patch);
  const cuda::PatchPlace place = cuda::patch_place(launch, item);
  const auto each_thread = [item](auto phase) {
    for (int i = 0; i < cuda::patch_threads; ++i) phase(item % 2 == 0 ? i : cuda::patch_threads - 1 - i);
  };
  each_thread([&](int thread) { cuda::put_gray<channels>(launch, place, thread, patch); });
  each_thread([&](int thread) { cuda::put_gradients(place, filter.norm, thread, patch); });
  each_thread([&](int thread) { cuda::put_classes(place, filter, thread, patch); });
}

void run_blocks(const CannyFilter& filter, int channels, const cuda::Launch& launch) {
  cuda::with_channels(channels, [&](auto count) {
    for (std::int64_t item = 0; item < launch.items; ++item) run_block<count.value>(launch, item, filter);
  });
}

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
        run_blocks(*spec_.canny, spec_.channels, launch);
      } else {
        run_grid(variant_, launch);
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

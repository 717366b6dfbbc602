#include "support/emulated_kernels.hpp"

#include <cstring>
#include <type_traits>
#include <vector>

#include "kernels/cuda/canny.hpp"

namespace haloedge {

namespace {

using namespace kernels;

constexpr std::int64_t warp = cuda::warp_lanes;

/// Runs the threads of one warp in lockstep.
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
      // As on a device, a shuffle returns the thread's own value at the ends of the warp.
      const auto before = lasts[i > 0 ? i - 1 : i];
      const auto behind = firsts[i + 1 < threads.size() ? i + 1 : i];
      threads[i].advance(step, threads[i].left(before), threads[i].right(behind), op, output);
    }
  }
}

/// Runs the threads of one block, phase by phase. Within a phase threads may run in any order: every other block runs
/// them from the last to the first.
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

}  // namespace

void run_march(const cuda::Variant& variant, const cuda::Launch& launch) {
  cuda::with_variant(variant, [&](auto sample, auto channels, const auto& op, const auto& output) {
    using March = cuda::March<typename decltype(sample)::Type, channels.value, std::decay_t<decltype(op)>,
                              std::decay_t<decltype(output)>>;
    // Blocks have four warps, as on a device; the last warps may have no work.
    for (std::int64_t item = 0; item < launch.items; item += 4 * warp) {
      for (std::int64_t first = item; first < item + 4 * warp; first += warp) {
        run_warp<March>(launch, first, op, output);
      }
    }
  });
}

void run_canny(const CannyFilter& filter, int channels, const cuda::Launch& launch) {
  cuda::with_channels(channels, [&](auto count) {
    for (std::int64_t item = 0; item < launch.items; ++item) run_block<count.value>(launch, item, filter);
  });
}

}  // namespace haloedge

#include <string>
#include <type_traits>

#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/runtime.hpp"

namespace haloedge::kernels::cuda {

namespace {

constexpr int block_threads = 128;

/// Of a processor: as many as leave a thread the registers that it needs, which differs with the device.
constexpr int fewest_blocks = 4;
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
constexpr int most_blocks = 5;
#else
constexpr int most_blocks = fewest_blocks;
#endif

template <std::size_t channels, class Output>
constexpr int blocks_a_processor = channels < 4 && !std::is_same_v<Output, AnyOutput> ? most_blocks : fewest_blocks;

template <class Sample, std::size_t channels, class Op, class Output>
__global__ void __launch_bounds__(block_threads, blocks_a_processor<channels, Output>)
    march(const __grid_constant__ Launch launch, const __grid_constant__ Op op, const __grid_constant__ Output output) {
  constexpr unsigned all_lanes = 0xFFFFFFFF;
  March<Sample, channels, Op, Output> thread(launch, std::int64_t{blockIdx.x} * block_threads + threadIdx.x,
                                             threadIdx.x % warp_lanes);
  for (int step = 0; step < launch.march_rows + 2; ++step) {
    thread.take(step);
    const auto before = __shfl_up_sync(all_lanes, thread.last(), 1);
    const auto behind = __shfl_down_sync(all_lanes, thread.first(), 1);
    thread.advance(step, thread.left(before), thread.right(behind), op, output);
  }
}

}  // namespace

void launch_march(const Variant& variant, const Launch& launch, cudaStream_t stream) {
  const auto blocks = static_cast<unsigned>((launch.items + block_threads - 1) / block_threads);
  with_variant(variant, [&](auto sample, auto channels, const auto& op, const auto& output) {
    using Sample = typename decltype(sample)::Type;
    march<Sample, channels.value><<<blocks, block_threads, 0, stream>>>(launch, op, output);
  });
  check(cudaGetLastError(), "launching a kernel of " + std::to_string(blocks) + " blocks");
}

std::int64_t threads_at_a_time() {
  int device = 0;
  int processors = 0;
  check(cudaGetDevice(&device), "cudaGetDevice");
  check(cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, device), "cudaDeviceGetAttribute");
  return std::int64_t{processors} * fewest_blocks * block_threads;
}

}  // namespace haloedge::kernels::cuda

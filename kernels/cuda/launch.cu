#include <string>
#include <type_traits>

#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/runtime.hpp"

namespace haloedge::kernels::cuda {

namespace {

constexpr int block_threads = 128;

/// With four blocks on a multiprocessor each thread has 128 registers, which is enough for every kernel.
constexpr int min_blocks = 4;

/// The number of steps by which a kernel's loop is unrolled. The kernels for any filter are too long to be unrolled.
template <class Output>
constexpr int steps_a_turn = std::is_same_v<Output, AnyOutput> ? 1 : march_turn;

template <class Sample, std::size_t channels, class Op, class Output>
__global__ void __launch_bounds__(block_threads, min_blocks)
    march(const __grid_constant__ Launch launch, const __grid_constant__ Op op, const __grid_constant__ Output output) {
  constexpr unsigned all_lanes = 0xFFFFFFFF;
  constexpr int steps = steps_a_turn<Output>;
  March<Sample, channels, Op, Output> thread(launch, std::int64_t{blockIdx.x} * block_threads + threadIdx.x,
                                             threadIdx.x % warp_lanes);
  for (int turn = 0; turn < launch.march_rows + 2; turn += steps) {
    HALOEDGE_UNROLL
    for (int step = turn; step < turn + steps; ++step) {
      thread.take(step);
      const auto before = __shfl_up_sync(all_lanes, thread.last(), 1);
      const auto behind = __shfl_down_sync(all_lanes, thread.first(), 1);
      thread.advance(step, thread.left(before), thread.right(behind), op, output);
    }
  }
}

/// Calls `body` with the kernel of `variant`, its operator and its output.
template <class Body>
void with_kernel(const Variant& variant, Body body) {
  with_variant(variant, [&](auto sample, auto channels, const auto& op, const auto& output) {
    using Sample = typename decltype(sample)::Type;
    body(march<Sample, channels.value, std::decay_t<decltype(op)>, std::decay_t<decltype(output)>>, op, output);
  });
}

}  // namespace

void launch_march(const Variant& variant, const Launch& launch, cudaStream_t stream) {
  const auto blocks = static_cast<unsigned>(divide_up(launch.items, block_threads));
  with_kernel(variant, [&](auto kernel, const auto& op, const auto& output) {
    kernel<<<blocks, block_threads, 0, stream>>>(launch, op, output);
  });
  check(cudaGetLastError(), "launching a kernel of " + std::to_string(blocks) + " blocks");
}

std::int64_t threads_at_a_time(const Variant& variant) {
  int device = 0;
  int processors = 0;
  int blocks = 0;
  check(cudaGetDevice(&device), "cudaGetDevice");
  check(cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, device), "cudaDeviceGetAttribute");
  with_kernel(variant, [&](auto kernel, const auto&, const auto&) {
    check(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, kernel, block_threads, 0),
          "cudaOccupancyMaxActiveBlocksPerMultiprocessor");
  });
  if (blocks == 0) throw DeviceError("a block of the kernel does not fit on a multiprocessor of this device");
  return std::int64_t{processors} * blocks * block_threads;
}

}  // namespace haloedge::kernels::cuda

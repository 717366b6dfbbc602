#include "kernels/cuda/finish.hpp"
#include "kernels/cuda/runtime.hpp"
#include "kernels/device_roots.hpp"

namespace haloedge::kernels::cuda {

namespace {

constexpr int block_threads = 256;

__global__ void root_bytes(std::int64_t count, float factor, std::uint8_t* bytes) {
  const std::int64_t sum = std::int64_t{blockIdx.x} * block_threads + threadIdx.x;
  if (sum < count) bytes[sum] = static_cast<std::uint8_t>(root_byte(static_cast<float>(sum), factor));
}

__global__ void count_differences(std::uint32_t first_bits, std::uint32_t count, unsigned long long* differences) {
  const std::uint32_t i = blockIdx.x * block_threads + threadIdx.x;
  if (i >= count) return;
  const float value = __builtin_bit_cast(float, first_bits + i);
  const bool differs =
      __builtin_bit_cast(std::uint32_t, root_of_whole(value)) != __builtin_bit_cast(std::uint32_t, sqrtf(value));
  if (differs) atomicAdd(differences, 1ULL);
}

unsigned blocks_of(std::int64_t count) { return static_cast<unsigned>((count + block_threads - 1) / block_threads); }

}  // namespace

std::vector<std::uint8_t> device_root_bytes(std::int64_t largest_sum, float factor) {
  use_device(0);
  const std::int64_t count = largest_sum + 1;
  const DeviceMemory memory(count);
  root_bytes<<<blocks_of(count), block_threads>>>(count, factor, reinterpret_cast<std::uint8_t*>(memory.data()));
  check(cudaGetLastError(), "launching root_bytes");
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count));
  check(cudaMemcpy(bytes.data(), memory.data(), bytes.size(), cudaMemcpyDeviceToHost), "downloading roots");
  return bytes;
}

std::int64_t device_roots_that_differ() {
  use_device(0);
  const DeviceMemory memory(sizeof(unsigned long long));
  auto* const counter = reinterpret_cast<unsigned long long*>(memory.data());
  check(cudaMemset(counter, 0, sizeof *counter), "cudaMemset");
  const auto one = __builtin_bit_cast(std::uint32_t, 1.0F);
  const auto last = __builtin_bit_cast(std::uint32_t, 0x1p38F);
  count_differences<<<1, block_threads>>>(0, 1, counter);
  count_differences<<<blocks_of(last - one + 1), block_threads>>>(one, last - one + 1, counter);
  check(cudaGetLastError(), "launching count_differences");
  unsigned long long differences = 0;
  check(cudaMemcpy(&differences, counter, sizeof differences, cudaMemcpyDeviceToHost), "downloading a count");
  return static_cast<std::int64_t>(differences);
}

}  // namespace haloedge::kernels::cuda

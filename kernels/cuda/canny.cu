#include <string>

#include "kernels/cuda/canny.hpp"
#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/runtime.hpp"

namespace haloedge::kernels::cuda {

namespace {

template <std::size_t channels>
__global__ void __launch_bounds__(patch_threads)
    find_candidates(const __grid_constant__ Launch launch, const __grid_constant__ CannyFilter filter) {
  __shared__ CannyPatch patch;
  const PatchPlace place = patch_place(launch, blockIdx.x);
  const int thread = static_cast<int>(threadIdx.x);
  put_gray<channels>(launch, place, thread, patch);
  __syncthreads();
  put_gradients(place, filter.norm, thread, patch);
  __syncthreads();
  put_classes(place, filter, thread, patch);
}

}  // namespace

void launch_canny(const CannyFilter& filter, int channels, const Launch& launch, cudaStream_t stream) {
  with_channels(channels, [&](auto count) {
    find_candidates<count.value><<<static_cast<unsigned>(launch.items), patch_threads, 0, stream>>>(launch, filter);
  });
  check(cudaGetLastError(), "launching Canny's kernel of " + std::to_string(launch.items) + " blocks");
}

}  // namespace haloedge::kernels::cuda

#include "kernels/openmp/rows.hpp"

namespace haloedge::kernels::openmp {

std::vector<RowKernels> supported_row_kernels() {
  std::vector<RowKernels> supported;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl")) {
    supported.push_back({"AVX-512", avx512::gray, avx512::edges});
  }
  if (__builtin_cpu_supports("avx2")) supported.push_back({"AVX2", avx2::gray, avx2::edges});
  supported.push_back({"SSE2", baseline::gray, baseline::edges});
#else
  supported.push_back({"compiler's choice", baseline::gray, baseline::edges});
#endif
  return supported;
}

}  // namespace haloedge::kernels::openmp

#include "kernels/openmp/rows.hpp"

namespace haloedge::kernels::openmp {

const RowKernels& best_row_kernels() {
#if defined(__x86_64__)
  static constexpr RowKernels with_avx512{"AVX-512", avx512::gray, avx512::edges};
  static constexpr RowKernels with_avx2{"AVX2", avx2::gray, avx2::edges};
  static constexpr RowKernels plain{"SSE2", baseline::gray, baseline::edges};
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) {
    return with_avx512;
  }
  return __builtin_cpu_supports("avx2") ? with_avx2 : plain;
#else
  static constexpr RowKernels plain{"compiler's choice", baseline::gray, baseline::edges};
  return plain;
#endif
}

}  // namespace haloedge::kernels::openmp

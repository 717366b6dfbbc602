#pragma once

#include <vector>

#include "kernels/kernels.hpp"

namespace haloedge::kernels::openmp {

/// The vectorised kernels as compiled for one instruction set; see Backend for what they do.
struct RowKernels {
  const char* instruction_set;
  void (*gray)(const ConstPixels& source, Gray weights, const Plane& gray);
  void (*edges)(const EdgeFilter& filter, const std::byte* const* gray_rows, std::int64_t column, const Plane& out);
};

/// Those that this processor can run, the best first.
[[nodiscard]] std::vector<RowKernels> supported_row_kernels();

// One set of functions for each instruction set that gray.cpp and stencil.cpp are compiled for
// (kernels/CMakeLists.txt).
#define HALOEDGE_DECLARE_ISA(isa)                                                                                 \
  namespace isa {                                                                                                 \
  void gray(const ConstPixels& source, Gray weights, const Plane& gray);                                          \
  void edges(const EdgeFilter& filter, const std::byte* const* gray_rows, std::int64_t column, const Plane& out); \
  }
HALOEDGE_DECLARE_ISA(baseline)
HALOEDGE_DECLARE_ISA(avx2)
HALOEDGE_DECLARE_ISA(avx512)
#undef HALOEDGE_DECLARE_ISA

}  // namespace haloedge::kernels::openmp

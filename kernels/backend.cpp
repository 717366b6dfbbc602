#include "kernels/backend.hpp"

#include <stdexcept>

#include "kernels/cpu/cpu.hpp"
#include "kernels/reference/reference.hpp"

namespace haloedge::kernels {

std::unique_ptr<Backend> make_backend(HostBackend which) {
  if (which == HostBackend::reference) {
    return std::make_unique<Backend>(Backend{.name = "reference",
                                             .instruction_set = "scalar",
                                             .gray = reference::gray,
                                             .edges = reference::edges,
                                             .blur = reference::blur,
                                             .candidates = reference::candidates,
                                             .near = reference::near});
  }
#if defined(HALOEDGE_HAS_CPU_KERNELS)
  return std::make_unique<Backend>(Backend{.name = "cpu",
                                           .instruction_set = cpu::instruction_sets().front(),
                                           .gray = cpu::gray,
                                           .edges = cpu::edges,
                                           .blur = cpu::blur,
                                           .candidates = cpu::candidates,
                                           .near = cpu::near});
#else
  throw std::runtime_error("this build has no vector kernels, because it was made without Google Highway");
#endif
}

}  // namespace haloedge::kernels

#include <stdexcept>

#include <hwy/highway.h>

#include "kernels/cpu/cpu.hpp"

namespace haloedge::kernels::cpu {

namespace {

std::string name_of(std::int64_t target) {
  switch (target) {
#if HWY_ARCH_X86
    case HWY_AVX3: return "AVX-512";
    case HWY_SSE4: return "SSE4.1";
#endif
    case HWY_SCALAR: return "scalar";
    default: return hwy::TargetName(target);
  }
}

}  // namespace

std::vector<std::string> instruction_sets() {
  // Listed once, because after use_instruction_set() Highway lists only the chosen one.
  static const std::vector<std::string> all = [] {
    std::vector<std::string> names;
    for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) names.push_back(name_of(target));
    return names;
  }();
  return all;
}

void use_instruction_set(const std::string& name) {
  hwy::SetSupportedTargetsForTest(0);
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    if (name_of(target) != name) continue;
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    return;
  }
  throw std::invalid_argument("this processor has no " + name);
}

}  // namespace haloedge::kernels::cpu

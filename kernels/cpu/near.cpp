// Compiled once for each instruction set, by foreach_target.h.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/near.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/cpu/cpu.hpp"
#include "kernels/reference/reference.hpp"

HWY_BEFORE_NAMESPACE();
namespace haloedge::kernels::cpu::HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR
void find_near(std::uint64_t hash, std::span<const std::uint64_t> hashes, int distance,
               std::vector<std::uint32_t>& places) {
  reference::near(hash, hashes, distance, places);
}
#else

namespace hn = hwy::HWY_NAMESPACE;

/// Compares a vector of hashes at a time. Because few hashes are near, the hashes of a vector are compared one by one
/// only if at least one of them is near.
void find_near(std::uint64_t hash, std::span<const std::uint64_t> hashes, int distance,
               std::vector<std::uint32_t>& places) {
  const hn::ScalableTag<std::uint64_t> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto one = hn::Set(d, hash);
  const auto far = hn::Set(d, static_cast<std::uint64_t>(distance) + 1);
  const auto look_closer = [&](std::size_t first, std::size_t count) {
    const std::size_t known = places.size();
    reference::near(hash, hashes.subspan(first, count), distance, places);
    for (std::size_t i = known; i < places.size(); ++i) places[i] += static_cast<std::uint32_t>(first);
  };
  std::size_t at = 0;
  for (; at + lanes <= hashes.size(); at += lanes) {
    const auto bits = hn::PopulationCount(hn::Xor(one, hn::LoadU(d, hashes.data() + at)));
    if (!hn::AllFalse(d, hn::Lt(bits, far))) look_closer(at, lanes);
  }
  look_closer(at, hashes.size() - at);
}
#endif

}  // namespace
}  // namespace haloedge::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace haloedge::kernels::cpu {

HWY_EXPORT(find_near);

void near(std::uint64_t hash, std::span<const std::uint64_t> hashes, int distance, std::vector<std::uint32_t>& places) {
  HWY_DYNAMIC_DISPATCH(find_near)(hash, hashes, distance, places);
}

}  // namespace haloedge::kernels::cpu
#endif

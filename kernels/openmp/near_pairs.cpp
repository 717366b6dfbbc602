// Compiled once for each instruction set, by foreach_target.h.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/openmp/near_pairs.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/openmp/rows.hpp"
#include "kernels/reference/reference.hpp"

HWY_BEFORE_NAMESPACE();
namespace haloedge::kernels::openmp::HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR
void all_near_pairs(std::span<const std::uint64_t> hashes, int distance, std::vector<HashPair>& pairs) {
  reference::near_pairs(hashes, distance, pairs);
}
#else

namespace hn = hwy::HWY_NAMESPACE;

/// A vector of hashes against one; few are near, so that which ones is looked at only then.
void all_near_pairs(std::span<const std::uint64_t> hashes, int distance, std::vector<HashPair>& pairs) {
  const hn::ScalableTag<std::uint64_t> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto far = hn::Set(d, static_cast<std::uint64_t>(distance) + 1);
  for (std::size_t first = 0; first + 1 < hashes.size(); ++first) {
    const auto one = hn::Set(d, hashes[first]);
    std::size_t at = first + 1;
    for (; at + lanes <= hashes.size(); at += lanes) {
      const auto bits = hn::PopulationCount(hn::Xor(one, hn::LoadU(d, hashes.data() + at)));
      if (hn::AllFalse(d, hn::Lt(bits, far))) continue;
      reference::near_pairs_with(hashes, first, {at, at + lanes}, distance, pairs);
    }
    reference::near_pairs_with(hashes, first, {at, hashes.size()}, distance, pairs);
  }
}
#endif

}  // namespace
}  // namespace haloedge::kernels::openmp::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace haloedge::kernels::openmp {

HWY_EXPORT(all_near_pairs);

void near_pairs(std::span<const std::uint64_t> hashes, int distance, std::vector<HashPair>& pairs) {
  HWY_DYNAMIC_DISPATCH(all_near_pairs)(hashes, distance, pairs);
}

}  // namespace haloedge::kernels::openmp
#endif

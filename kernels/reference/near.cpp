#include <bit>

#include "kernels/reference/reference.hpp"

namespace haloedge::kernels::reference {

void near(std::uint64_t hash, std::span<const std::uint64_t> hashes, int distance, std::vector<std::uint32_t>& places) {
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    if (std::popcount(hash ^ hashes[i]) <= distance) places.push_back(static_cast<std::uint32_t>(i));
  }
}

}  // namespace haloedge::kernels::reference

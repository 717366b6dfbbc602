#include <bit>

#include "kernels/reference/reference.hpp"

namespace haloedge::kernels::reference {

void near_pairs_with(std::span<const std::uint64_t> hashes, std::size_t first, IndexRange others, int distance,
                     std::vector<HashPair>& pairs) {
  for (std::size_t i = others.begin; i < others.end; ++i) {
    if (std::popcount(hashes[first] ^ hashes[i]) <= distance) {
      pairs.push_back({static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(i)});
    }
  }
}

void near_pairs(std::span<const std::uint64_t> hashes, int distance, std::vector<HashPair>& pairs) {
  for (std::size_t first = 0; first < hashes.size(); ++first) {
    near_pairs_with(hashes, first, {first + 1, hashes.size()}, distance, pairs);
  }
}

}  // namespace haloedge::kernels::reference

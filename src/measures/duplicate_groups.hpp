#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/backend.hpp"

namespace haloedge {

/// The most bits in which hashes may differ to be called near.
inline constexpr int most_distance = 16;

/// Two hashes of a list, by their places in it, the lower one first.
struct HashPair {
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  friend bool operator==(const HashPair&, const HashPair&) = default;
};

/// Links between hashes that differ in no more than `distance` bits, by their places in the list: enough of them to
/// hold together what such links connect. Of the work, cut into `parts` that together find all, only part number
/// `part`.
///
/// Multi-index hashing (M. Norouzi, A. Punjani, D. J. Fleet, CVPR 2012): of distance + 1 pieces of a hash at least one
/// is the same in two hashes that are so near, so that hashes are compared only within buckets of equal pieces. No near
/// pair is missed.
[[nodiscard]] std::vector<HashPair> near_links(std::span<const std::uint64_t> hashes, int distance,
                                               const kernels::Backend& backend, int part, int parts);

/// What links connect: groups of two and more places in a list of `size`, each rising, the largest first, of equal ones
/// the one that begins first.
[[nodiscard]] std::vector<std::vector<std::uint32_t>> linked_groups(std::size_t size, std::span<const HashPair> links);

}  // namespace haloedge

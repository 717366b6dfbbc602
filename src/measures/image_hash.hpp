#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/backend.hpp"
#include "kernels/dhash.hpp"
#include "source/source.hpp"

namespace haloedge {

/// The dHash of an image (see kernels::Dhash). Samples of other types than u8 are converted by to_bytes(), for which
/// the rows count that the hash depends on. Decodes only these rows, if the format lets rows be left out. Throws Error
/// if that would take more than `memory` bytes, and the errors of `source`.
[[nodiscard]] kernels::Dhash::Result image_hash(Source& source, const kernels::Backend& backend, std::int64_t memory);

/// The bytes of memory that image_hash() takes.
[[nodiscard]] std::int64_t hashing_bytes(const Source& source);

/// The largest distance, in bits, at which hashes may be called near.
inline constexpr int max_distance = 16;

/// Two places in a list of hashes, first < second.
struct HashPair {
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  friend bool operator==(const HashPair&, const HashPair&) = default;
};

/// Finds links between hashes that differ in at most `distance` bits: not all links, but enough to connect the same
/// groups as all of them. The work is divided into `parts`, whose links together are complete; this call does part
/// number `part`.
///
/// Multi-index hashing (M. Norouzi, A. Punjani, D. J. Fleet, CVPR 2012): hashes are cut into distance + 1 pieces. Two
/// near hashes have at least one equal piece, so hashes are compared only within buckets of equal pieces, and no near
/// pair is missed.
[[nodiscard]] std::vector<HashPair> near_links(std::span<const std::uint64_t> hashes, int distance,
                                               const kernels::Backend& backend, int part, int parts);

/// The groups of two or more places that links connect in a list of `size` hashes. Places rise within a group; larger
/// groups come first, and of equally large ones the one with the lower first place.
[[nodiscard]] std::vector<std::vector<std::uint32_t>> linked_groups(std::size_t size, std::span<const HashPair> links);

}  // namespace haloedge

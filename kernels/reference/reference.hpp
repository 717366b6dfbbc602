#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/kernels.hpp"

// The kernels as the definition says them, pixel by pixel: the oracle for every other backend.

namespace haloedge::kernels::reference {

/// See Backend::gray.
void gray(const ConstPixels& source, Gray weights, const Plane& gray);

/// See Backend::edges.
void edges(const EdgeFilter& filter, const std::byte* const* gray_rows, std::int64_t column, const Plane& out);

/// See Backend::near_pairs.
void near_pairs(std::span<const std::uint64_t> hashes, int distance, std::vector<HashPair>& pairs);

/// The same, of the hash at `first` with those of a range behind it.
struct IndexRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};
void near_pairs_with(std::span<const std::uint64_t> hashes, std::size_t first, IndexRange others, int distance,
                     std::vector<HashPair>& pairs);

}  // namespace haloedge::kernels::reference

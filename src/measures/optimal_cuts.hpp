#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace haloedge {

/// The optimal k-means of numbers on a line: where to cut `values`, which rise and stand for `counts` samples each,
/// into `parts` runs so that the squared distances of all samples from their runs' means add up to the least. Returns
/// for each run the place of its first value, the first of them 0. Needs 1 <= parts <= values.size() < 2^32.
///
/// Of cuts that are equally good, as double precision has it, the last run begins as low as it can, then the run before
/// it, and so on. H. Wang and M. Song, "Ckmeans.1d.dp: Optimal k-means Clustering in One Dimension by Dynamic
/// Programming", The R Journal 3 (2), 2011; here divide and conquer finds all of a layer's best cuts, which rise, in
/// O(n log n), and D. S. Hirschberg's halving of the layers (CACM 18 (6), 1975) finds the way back: O(parts n log n)
/// time, 40 bytes a value. `look_up` is called before each layer; what it throws
/// ends the work.
[[nodiscard]] std::vector<std::uint32_t> optimal_cuts(std::span<const double> values,
                                                      std::span<const std::int64_t> counts, int parts,
                                                      const std::function<void()>& look_up = {});

}  // namespace haloedge

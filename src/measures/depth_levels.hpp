#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "kernels/kernels.hpp"

namespace haloedge {

/// Optimal k-means clustering of numbers: cuts `values`, which rise and occur `counts` times each, into `parts` runs so
/// that the sum of the squared distances of all samples from the means of their runs is least. Returns the index of the
/// first value of each run. 1 <= parts <= values.size() < 2^32.
///
/// If several cuts are equally good in double precision, it takes the one whose last run begins lowest, then the run
/// before it, and so on. H. Wang and M. Song, "Ckmeans.1d.dp: Optimal k-means Clustering in One Dimension by Dynamic
/// Programming", The R Journal 3 (2), 2011. The best cuts of a layer rise, so divide and conquer finds them in O(n log
/// n); D. S. Hirschberg's halving of the layers (CACM 18 (6), 1975) recovers the cuts. O(parts n log n) time, 40 bytes
/// a value. `check_cancelled` is called before each layer; an exception from it ends the work.
[[nodiscard]] std::vector<std::uint32_t> optimal_cuts(std::span<const double> values,
                                                      std::span<const std::int64_t> counts, int parts,
                                                      const std::function<void()>& check_cancelled = {});

/// Cuts the depths of a whole image into `clusters` >= 1 levels by optimal_cuts() of all its pixels. Level i of k,
/// rising with the depth, becomes rint(i * 255 / (k - 1)); a single level becomes 0. An image with fewer distinct
/// depths than `clusters` has one level for each depth. The result is deterministic.
///
/// `depth` has one channel of u8, u16 or f32 and is not empty; `levels` is u8 and has the same size. Throws Error if a
/// float is NaN or infinite. Runs on the calling thread. `check_cancelled` is called from time to time; an exception
/// from it ends the work.
void depth_levels(const kernels::ConstPixels& depth, int clusters, const kernels::Plane& levels,
                  const std::function<void()>& check_cancelled = {});

/// The most memory that depth_levels() takes beside its arguments. Floats are sorted, and integers are counted.
[[nodiscard]] constexpr std::int64_t depth_levels_bytes(kernels::SampleType type, std::int64_t pixels) {
  const bool is_float = type == kernels::SampleType::f32 || type == kernels::SampleType::f64;
  return is_float ? (56 + kernels::sample_bytes(type)) * pixels : std::int64_t{8} << 20;
}

}  // namespace haloedge

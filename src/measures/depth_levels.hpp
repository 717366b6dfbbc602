#pragma once

#include <functional>

#include "kernels/kernels.hpp"

namespace haloedge {

/// Cuts the depths of a whole image into `clusters` >= 1 levels by the optimal k-means of all its pixels, in double
/// precision: see optimal_cuts(), also for what is chosen among equally good cuts. Level i of k, rising with the depth,
/// becomes rint(i * 255 / (k - 1)), of a single level 0. An image of fewer distinct depths than `clusters` has as many
/// levels as depths. No chance is involved: the same image has the same levels everywhere.
///
/// `depth` has one channel of u8, u16 or f32 and is not empty; `levels` is u8 and has its size. Throws Error if a float
/// is NaN or infinite. Integers are counted first, so that time depends on the pixels alone; floats are sorted: up to
/// 60 bytes of memory a pixel. On the calling thread. `look_up` is called now
/// and then; what it throws ends the work.
void depth_levels(const kernels::ConstPixels& depth, int clusters, const kernels::Plane& levels,
                  const std::function<void()>& look_up = {});

}  // namespace haloedge

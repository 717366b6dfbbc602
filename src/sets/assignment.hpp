#pragma once

#include <cstdint>
#include <vector>

namespace haloedge {

/// Gives each item to a part so that the parts cost about the same: the dearest first, each to the part that has least
/// so far (longest processing time first; R. L. Graham, 1969: at most 4/3 of the best). The part of each item. Pure:
/// the same for the same costs.
[[nodiscard]] std::vector<int> assign(const std::vector<std::int64_t>& costs, int parts);

}  // namespace haloedge

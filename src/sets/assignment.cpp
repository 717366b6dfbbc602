#include "sets/assignment.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <queue>
#include <utility>

namespace haloedge {

std::vector<int> assign(const std::vector<std::int64_t>& costs, int parts) {
  std::vector<std::size_t> dearest_first(costs.size());
  std::iota(dearest_first.begin(), dearest_first.end(), std::size_t{0});
  std::stable_sort(dearest_first.begin(), dearest_first.end(),
                   [&](std::size_t a, std::size_t b) { return costs[a] > costs[b]; });
  using Load = std::pair<std::int64_t, int>;  // cost so far, part
  std::priority_queue<Load, std::vector<Load>, std::greater<>> least_first;
  for (int part = 0; part < parts; ++part) least_first.emplace(0, part);
  std::vector<int> part_of(costs.size());
  for (const std::size_t item : dearest_first) {
    const auto [cost, part] = least_first.top();
    least_first.pop();
    part_of[item] = part;
    least_first.emplace(cost + costs[item], part);
  }
  return part_of;
}

}  // namespace haloedge

#include "run/device_assignment.hpp"

#include <algorithm>
#include <cstddef>
#include <map>

namespace haloedge {

namespace {

using Visible = std::vector<std::vector<std::string>>;

/// The devices that could take one more rank, if ranks which have one already move to others that they see.
struct Reachable {
  std::vector<std::string> devices;          ///< those that need the fewest moves come first
  std::map<std::string, std::size_t> taker;  ///< the rank that would move to each of them

  void add(const std::vector<std::string>& devices_of_rank, std::size_t rank) {
    for (const std::string& device : devices_of_rank) {
      if (taker.emplace(device, rank).second) devices.push_back(device);
    }
  }
};

/// Searches from `rank` on, breadth first: what it sees, what the ranks on these devices see, and so on.
Reachable find_reachable(const Visible& visible, const std::vector<std::string>& assigned, std::size_t rank) {
  Reachable reachable;
  reachable.add(visible[rank], rank);
  for (std::size_t i = 0; i < reachable.devices.size(); ++i) {
    for (std::size_t other = 0; other < rank; ++other) {
      if (assigned[other] == reachable.devices[i]) reachable.add(visible[other], other);
    }
  }
  return reachable;
}

}  // namespace

// The first algorithm of Harvey, Ladner, Lovasz and Tamir, "Semi-matchings for bipartite graphs and load balancing"
// (2003): each rank in turn is added where the least used of all reachable devices takes one rank more. This keeps the
// assignment optimal after every step.
std::vector<std::string> assign_devices(const Visible& visible) {
  std::vector<std::string> assigned(visible.size());
  for (std::size_t rank = 0; rank < visible.size(); ++rank) {
    if (visible[rank].empty()) continue;
    const Reachable reachable = find_reachable(visible, assigned, rank);
    std::string device = *std::min_element(
        reachable.devices.begin(), reachable.devices.end(), [&](const std::string& a, const std::string& b) {
          return std::count(assigned.begin(), assigned.end(), a) < std::count(assigned.begin(), assigned.end(), b);
        });
    // Each rank on the way takes the next device and leaves its own to the rank before it, down to the new rank.
    while (!device.empty()) std::swap(assigned[reachable.taker.at(device)], device);
  }
  return assigned;
}

}  // namespace haloedge

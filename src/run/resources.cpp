#include "run/resources.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <sstream>
#include <vector>

#include <fmt/ranges.h>

#include "core/error.hpp"
#include "core/system.hpp"

namespace haloedge {

namespace {

/// The part of a device's free memory that haloedge uses. The driver needs some, too, and other processes come and go.
constexpr double usable_part = 0.9;

/// The seconds that a job with a device needs for the CUDA context and for pinned memory. Measured with an H200: 0.2 to
/// 0.5 for one rank, 0.7 for four ranks.
constexpr double device_start_seconds = 0.45;

/// Returns the words of every rank of the node, in order of node_rank(). They must not contain spaces. Collective over
/// the node.
template <class Word>
std::vector<std::vector<Word>> share_words(const std::vector<Word>& mine, Communicator& communicator) {
  std::vector<std::vector<Word>> all;
  for (const std::string& text : communicator.share_on_node(fmt::format("{}", fmt::join(mine, " ")))) {
    std::istringstream words(text);
    all.emplace_back(std::istream_iterator<Word>(words), std::istream_iterator<Word>());
  }
  return all;
}

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

/// Searches breadth first: the devices that `rank` sees come first, then those that the ranks on these devices see, and
/// so on.
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

/// The device of a rank, or why it has none.
struct Found {
  std::optional<kernels::Device> device{};
  std::int64_t sharers = 0;  ///< ranks that share this device, this one included
  std::string why_none{};
};

/// Finds this rank's device and starts work with it, because a device that is listed may be reserved for another
/// process. Collective over the node, so ranks that see no device take part, too.
Found find_device(Communicator& communicator) {
  const kernels::Devices devices = kernels::find_devices();
  std::vector<std::string> identities;
  for (const kernels::Device& device : devices.found) identities.push_back(device.identity);
  const std::vector<std::string> assigned = assign_devices(share_words(identities, communicator));
  const std::string& mine = assigned.at(static_cast<std::size_t>(communicator.node_rank()));
  const auto device = std::ranges::find(devices.found, mine, &kernels::Device::identity);
  if (device == devices.found.end()) return {.why_none = devices.why_none};
  try {
    (void)kernels::free_device_memory(device->number);
  } catch (const kernels::DeviceError& error) {
    return {.why_none = error.what()};
  }
  return {.device = *device, .sharers = std::ranges::count(assigned, mine)};
}

/// Returns on rank 0 why the lowest rank without a device has none; empty if all ranks have one. Collective.
std::string why_not_all(const Found& found, Communicator& communicator) {
  const std::vector<std::string> reasons = communicator.gather(found.why_none);
  const auto first = std::ranges::find_if_not(reasons, &std::string::empty);
  if (first == reasons.end()) return {};
  return reasons.size() == 1 ? *first : fmt::format("rank {}: {}", first - reasons.begin(), *first);
}

/// This rank's part of its device's memory. All ranks have started work with their devices before this is called, and
/// none takes memory before all have asked how much is free. Collective.
DeviceShare share_of(const Found& found, Communicator& communicator) {
  const std::int64_t free = kernels::free_device_memory(found.device->number);
  communicator.barrier();
  return {.number = found.device->number,
          .memory = static_cast<std::int64_t>(usable_part * static_cast<double>(free)) / found.sharers};
}

ChosenBackend host_backend(kernels::HostBackend which, std::string why_no_device = {}) {
  ChosenBackend chosen;
  chosen.host = kernels::make_backend(which);
  chosen.name = chosen.host->name;
  chosen.detail = chosen.host->instruction_set;
  chosen.why_no_device = std::move(why_no_device);
  return chosen;
}

}  // namespace

std::int64_t usual_memory(int node_ranks) { return available_memory() / 2 / node_ranks; }

RankResources rank_resources(const CommonOptions& options, Communicator& communicator) {
  const std::vector<int> cpus = allowed_cpus();
  const std::vector<std::vector<int>> on_node = share_words(cpus, communicator);
  RankResources resources{.threads = options.threads, .memory = options.memory};
  if (resources.threads == 0) resources.threads = fair_threads(cpus, on_node);
  if (resources.memory == 0) resources.memory = usual_memory(communicator.node_size());
  return resources;
}

// The first algorithm of Harvey, Ladner, Lovasz and Tamir, "Semi-matchings for bipartite graphs and load balancing"
// (2003): each rank in turn is added where the least used of all reachable devices takes one rank more. This keeps the
// assignment optimal after every step.
std::vector<std::string> assign_devices(const Visible& visible) {
  std::vector<std::string> assigned(visible.size());
  for (std::size_t rank = 0; rank < visible.size(); ++rank) {
    if (visible[rank].empty()) continue;
    const Reachable reachable = find_reachable(visible, assigned, rank);
    const auto ranks_on = [&](const std::string& device) { return std::ranges::count(assigned, device); };
    std::string device = *std::ranges::min_element(reachable.devices, {}, ranks_on);
    // Each rank on the way takes the next device and leaves its own to the rank before it, down to the new rank.
    while (!device.empty()) std::swap(assigned[reachable.taker.at(device)], device);
  }
  return assigned;
}

void check_backend(BackendChoice choice, const std::string& why_processor_only) {
  if (choice == BackendChoice::cuda && !why_processor_only.empty()) {
    throw UsageError("--backend cuda: " + why_processor_only);
  }
}

ChosenBackend choose_backend(BackendChoice choice, const std::string& why_processor_only, double saved_seconds,
                             Communicator& communicator) {
  check_backend(choice, why_processor_only);
  if (choice == BackendChoice::reference) return host_backend(kernels::HostBackend::reference);
  if (choice == BackendChoice::cpu) return host_backend(kernels::HostBackend::cpu);
  if (!why_processor_only.empty()) return host_backend(kernels::HostBackend::cpu, why_processor_only);
  if (choice == BackendChoice::automatic && saved_seconds < device_start_seconds) {
    return host_backend(kernels::HostBackend::cpu, "the processor is expected to be at least as fast for this job");
  }

  const Found found = find_device(communicator);
  if (choice == BackendChoice::cuda && !found.device) {
    throw Error(fmt::format("--backend cuda: {}; use cpu, reference or auto instead", found.why_none));
  }
  const bool all_have_one = communicator.max(found.device ? 0 : 1) == 0;
  if (!all_have_one) return host_backend(kernels::HostBackend::cpu, why_not_all(found, communicator));
  return {.name = "cuda",
          .detail = fmt::format("device {}: {}, {}", found.device->number, found.device->name, found.device->bus),
          .device = share_of(found, communicator)};
}

}  // namespace haloedge

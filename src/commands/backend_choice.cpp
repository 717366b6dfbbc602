#include "commands/backend_choice.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "cli/canny_options.hpp"
#include "core/error.hpp"

namespace haloedge {

namespace {

/// Beside what is allocated, a process needs some device memory for the driver's own, and others come and go.
constexpr double usable_part = 0.9;

/// The device of a rank, or why it has none.
struct Found {
  std::optional<kernels::Device> device;
  std::string why_none;
};

/// A device that is listed may still be of no use: another process may have it for itself. So work with it is started.
Found find_device(int node_rank) {
  try {
    const kernels::Devices devices = kernels::find_devices();
    if (devices.found.empty()) return {.why_none = devices.why_none};
    const kernels::Device& mine = devices.found.at(static_cast<std::size_t>(node_rank) % devices.found.size());
    (void)kernels::free_device_memory(mine.number);
    return {mine, {}};
  } catch (const kernels::DeviceError& error) {
    return {.why_none = error.what()};
  }
}

/// Why the lowest rank without a device has none, on rank 0; empty if all have one. Collective.
std::string why_not_all(const Found& found, Communicator& communicator) {
  const std::vector<std::string> reasons = communicator.gather(found.why_none);
  const auto first = std::find_if(reasons.begin(), reasons.end(), [](const std::string& why) { return !why.empty(); });
  if (first == reasons.end()) return {};
  return reasons.size() == 1 ? *first : fmt::format("rank {}: {}", first - reasons.begin(), *first);
}

/// This rank's part of its device, which other ranks of the node may have, too: all have started work with theirs, and
/// none takes memory before all have asked how much there is. Collective.
DeviceShare share_of(const kernels::Device& device, Communicator& communicator) {
  const auto node_ranks = communicator.share_on_node(device.identity);
  const auto sharers = std::max<std::int64_t>(1, std::count(node_ranks.begin(), node_ranks.end(), device.identity));
  const std::int64_t free = kernels::free_device_memory(device.number);
  communicator.barrier();
  return {.number = device.number,
          .memory = static_cast<std::int64_t>(usable_part * static_cast<double>(free)) / sharers};
}

ChosenBackend host_backend(kernels::HostBackend which, std::string why_no_device = {}) {
  ChosenBackend chosen;
  chosen.host = kernels::make_backend(which);
  chosen.name = chosen.host->name();
  chosen.detail = chosen.host->instruction_set();
  chosen.why_no_device = std::move(why_no_device);
  return chosen;
}

}  // namespace

ChosenBackend choose_backend(BackendChoice choice, Communicator& communicator) {
  if (choice == BackendChoice::cpu) return host_backend(kernels::HostBackend::openmp);
  if (choice == BackendChoice::reference) return host_backend(kernels::HostBackend::reference);

  const Found found = find_device(communicator.node_rank());
  if (choice == BackendChoice::cuda && !found.device) {
    throw Error(fmt::format("--backend cuda: {}; there are cpu, reference and auto", found.why_none));
  }
  const bool all_have_one = communicator.max(found.device ? 0 : 1) == 0;
  if (!all_have_one) return host_backend(kernels::HostBackend::openmp, why_not_all(found, communicator));
  return {.name = "cuda",
          .detail = fmt::format("device {}: {}, {}", found.device->number, found.device->name, found.device->bus),
          .device = share_of(*found.device, communicator)};
}

ChosenBackend choose_edge_backend(BackendChoice choice, const EdgeOptions& edge, Communicator& communicator) {
  const bool is_canny = edge.op == kernels::Operator::canny;
  const std::string options = is_canny ? processor_options(edge.canny) : std::string();
  const bool takes_device = choice == BackendChoice::automatic || choice == BackendChoice::cuda;
  if (options.empty() || !takes_device) return choose_backend(choice, communicator);
  const std::string why = fmt::format("--operator canny with {} runs on the processor only", options);
  if (choice == BackendChoice::cuda) throw UsageError("--backend cuda: " + why);
  ChosenBackend chosen = choose_backend(BackendChoice::cpu, communicator);
  chosen.why_no_device = why;
  return chosen;
}

}  // namespace haloedge

#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/options.hpp"
#include "comm/communicator.hpp"
#include "kernels/backend.hpp"
#include "kernels/device_filter.hpp"
#include "pipeline/edge_plan.hpp"

namespace haloedge {

/// What computes the pixels on this rank: a device, or else the processor.
struct ChosenBackend {
  std::string name;                          ///< "cuda", "openmp", "reference": the same on all ranks
  std::string detail;                        ///< the device's name, or the instruction set
  std::unique_ptr<kernels::Backend> host{};  ///< null with a device
  std::optional<DeviceShare> device{};
  std::string why_no_device{};  ///< on rank 0, where a device would have been taken
};

/// Takes a device if every rank sees one. Devices are assigned to the ranks of a node by assign_devices(), and ranks
/// with the same device get equal parts of its free memory. Throws Error, saying what there is, if `choice` cannot be
/// had. Collective.
[[nodiscard]] ChosenBackend choose_backend(BackendChoice choice, Communicator& communicator);

/// choose_backend(), but that the processor is taken where a device cannot do what is asked for. Throws UsageError if
/// one is asked for all the same. Collective.
[[nodiscard]] ChosenBackend choose_edge_backend(BackendChoice choice, const EdgeOptions& edge,
                                                Communicator& communicator);

}  // namespace haloedge

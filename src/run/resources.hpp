#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "comm/communicator.hpp"
#include "kernels/backend.hpp"
#include "kernels/device_filter.hpp"
#include "run/options.hpp"

namespace haloedge {

/// Bytes that a rank holds once it has started MPI and opened a file. Measured: about 40 MB.
inline constexpr std::int64_t program_bytes = std::int64_t{48} << 20;
/// Bytes that the CUDA runtime and driver hold on the host in addition. An estimate, until it is measured.
inline constexpr std::int64_t driver_bytes = std::int64_t{256} << 20;

/// The part of a device that a rank may use.
struct DeviceShare {
  int number = 0;
  std::int64_t memory = 0;  ///< bytes
};

/// The threads, the memory and the device that a rank may use for its share.
struct RankResources {
  int threads = 1;
  std::int64_t memory = 0;  ///< bytes
  std::optional<DeviceShare> device{};
};

/// Returns the bytes that each of `node_ranks` ranks of this node may use if the user sets no limit.
[[nodiscard]] std::int64_t usual_memory(int node_ranks);

/// Returns what the options ask for, or else this rank's fair part of the node. Collective over the node.
[[nodiscard]] RankResources rank_resources(const CommonOptions& options, Communicator& communicator);

/// The backend that computes the pixels on this rank: a device, or else the processor.
struct ChosenBackend {
  std::string name;                          ///< "cuda", "cpu", "reference": the same on all ranks
  std::string detail;                        ///< the device's name, or the instruction set
  std::unique_ptr<kernels::Backend> host{};  ///< null with a device
  std::optional<DeviceShare> device{};
  std::string why_no_device{};  ///< valid on rank 0; empty with a device, or if none was wanted
};

/// The seconds that a device saves in a job without a known end, for example a stream.
inline constexpr double endless_saving = std::numeric_limits<double>::infinity();

/// Throws UsageError if `choice` is a device and the job runs on the processor only. `why_processor_only` is the
/// reason, which the message gives; empty for jobs that may use a device.
void check_backend(BackendChoice choice, const std::string& why_processor_only);

/// Chooses what computes the pixels of a job, and throws like check_backend(). BackendChoice::automatic takes a device
/// if every rank sees one, unless the job runs on the processor only, or a device is expected to save fewer seconds,
/// `saved_seconds`, than it takes to start: then it does not look at devices. All ranks must give equal values.
///
/// Devices are assigned to the ranks of a node by assign_devices(), and ranks with the same device get equal parts of
/// its free memory. Throws Error, which lists the alternatives, if a device is demanded and none is found. Collective.
[[nodiscard]] ChosenBackend choose_backend(BackendChoice choice, const std::string& why_processor_only,
                                           double saved_seconds, Communicator& communicator);

/// Assigns each rank of a node one of the devices that it can see.
///
/// `visible[r]` lists the identities of the devices that rank r sees, in its own order; it may be empty. The result
/// holds one identity for each rank, which is empty for a rank that sees no device.
///
/// The ranks are spread as evenly as the lists allow: no other assignment has a smaller largest number of ranks on a
/// device. Where several choices are equally even, lower ranks and earlier devices in a rank's list go first, so that
/// with n devices in equal lists rank r gets device r % n. Pure.
[[nodiscard]] std::vector<std::string> assign_devices(const std::vector<std::vector<std::string>>& visible);

}  // namespace haloedge

#pragma once

#include <cstdint>
#include <optional>

#include "comm/communicator.hpp"
#include "run/options.hpp"

namespace haloedge {

/// Bytes that a rank holds once it has started MPI and opened a file. Measured: about 40 MB.
inline constexpr std::int64_t program_bytes = std::int64_t{48} << 20;
/// Bytes that the CUDA runtime and driver hold on the host beside that. An estimate, until it is measured.
inline constexpr std::int64_t driver_bytes = std::int64_t{256} << 20;

/// A rank's part of a device.
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

/// Returns what the options ask for, or else this rank's fair part of the node. Collective over the node.
[[nodiscard]] RankResources rank_resources(const CommonOptions& options, Communicator& communicator);

}  // namespace haloedge

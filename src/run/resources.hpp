#pragma once

#include <cstdint>
#include <optional>

#include "comm/communicator.hpp"
#include "run/options.hpp"

namespace haloedge {

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

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

/// What a rank has to do its share with.
struct RankResources {
  int threads = 1;
  std::int64_t memory = 0;  ///< bytes
  std::optional<DeviceShare> device{};
};

/// What this rank works with: as asked, or its fair part of the node. Collective over the node.
[[nodiscard]] RankResources rank_resources(const CommonOptions& options, Communicator& communicator);

}  // namespace haloedge

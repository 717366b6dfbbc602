#pragma once

#include <filesystem>

namespace haloedge {

/// Where a run keeps what another one could go on with; the same on all ranks.
struct RunPlace {
  std::filesystem::path folder;
  int number = 0;  ///< of the run: no other in this folder has it
};

}  // namespace haloedge

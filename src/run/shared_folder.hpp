#pragma once

#include <filesystem>

#include "comm/communicator.hpp"

namespace haloedge {

/// How this rank and all ranks see a folder that rank 0 has made.
struct FolderView {
  bool here = true;        ///< this rank sees it
  bool everywhere = true;  ///< all ranks do: it is on a file system that they share
};

/// Finds out by a file with a random number that rank 0 puts there for the time of this call. Collective. Throws Error
/// on rank 0 if it cannot.
[[nodiscard]] FolderView look_at_folder(const std::filesystem::path& folder, Communicator& communicator);

}  // namespace haloedge

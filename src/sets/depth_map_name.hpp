#pragma once

#include <filesystem>

namespace haloedge {

/// The depth map of an image in `folder`: the file of the image's own `name` (its path below its folder) or, if there
/// is none, the one image file whose name differs from it in the ending only. Throws Error if there is none, or
/// several.
[[nodiscard]] std::filesystem::path find_depth_map(const std::filesystem::path& folder,
                                                   const std::filesystem::path& name);

}  // namespace haloedge

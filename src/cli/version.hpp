#pragma once

#include <string>

namespace haloedge {

/// The versions of haloedge, its libraries and the compiler, for --version.
[[nodiscard]] std::string version_text();

}  // namespace haloedge

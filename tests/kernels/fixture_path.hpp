#pragma once

#include <cstdlib>
#include <string>

namespace haloedge {

/// The path of a file that tests/oracles/ made. The environment variable HALOEDGE_FIXTURES may name the folder, for
/// tests that were built on another machine; otherwise it is in the source tree.
[[nodiscard]] inline std::string fixture_path(const std::string& name) {
  const char* const folder = std::getenv("HALOEDGE_FIXTURES");
  return (folder != nullptr ? std::string(folder) : HALOEDGE_FIXTURES) + "/" + name;
}

}  // namespace haloedge

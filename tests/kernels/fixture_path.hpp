#pragma once

#include <cstdlib>
#include <string>

namespace haloedge {

/// The path of a file that tests/oracles/ made: in the folder that the environment variable HALOEDGE_FIXTURES names,
/// for tests that were built on another machine, or else in the source tree.
[[nodiscard]] inline std::string fixture_path(const std::string& name) {
  const char* const folder = std::getenv("HALOEDGE_FIXTURES");
  return (folder != nullptr ? std::string(folder) : HALOEDGE_FIXTURES) + "/" + name;
}

}  // namespace haloedge

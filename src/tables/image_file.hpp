#pragma once

#include <cstdint>
#include <string>

namespace haloedge {

/// One file of a set, before it is opened.
struct ImageFile {
  std::string path;
  std::int64_t bytes = 0;
  std::int64_t modified = 0;  ///< nanoseconds since 1970
  std::string name{};         ///< the path below the folder, or from the wildcards on, that it was found through
};

}  // namespace haloedge

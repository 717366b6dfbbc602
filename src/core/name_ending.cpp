#include "core/name_ending.hpp"

#include <algorithm>
#include <cctype>

namespace haloedge {

std::string name_ending(const std::filesystem::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return std::tolower(c); });
  return ending;
}

}  // namespace haloedge

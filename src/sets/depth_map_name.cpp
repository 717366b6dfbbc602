#include "sets/depth_map_name.hpp"

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> with_other_endings(const fs::path& path) {
  std::vector<fs::path> found;
  std::error_code unknown;
  for (const std::string_view ending : image_endings()) {
    std::string capitals(ending);
    std::transform(capitals.begin(), capitals.end(), capitals.begin(), [](unsigned char c) { return std::toupper(c); });
    for (const std::string& spelled : {std::string(ending), capitals}) {
      fs::path other = fs::path(path).replace_extension(spelled);
      // Where files are found whatever the letters' case, both spellings are the same one.
      const bool is_new = found.empty() || !fs::equivalent(found.back(), other, unknown);
      if (fs::exists(other, unknown) && is_new) found.push_back(std::move(other));
    }
  }
  return found;
}

}  // namespace

fs::path find_depth_map(const fs::path& folder, const fs::path& name) {
  std::error_code unknown;
  if (fs::exists(folder / name, unknown)) return folder / name;
  const std::vector<fs::path> found = with_other_endings(folder / name);
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    throw Error(fmt::format("there is no depth map for it: no {} and no image of that name with another ending",
                            (folder / name).string()));
  }
  throw Error(fmt::format("{} and {} could both be its depth map", found[0].string(), found[1].string()));
}

}  // namespace haloedge

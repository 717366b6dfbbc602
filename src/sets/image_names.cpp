#include "sets/image_names.hpp"

#include <algorithm>
#include <cctype>
#include <unordered_map>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

std::string with_ending(const std::string& name, const std::string& ending) {
  return fs::path(name).replace_extension(ending).string();
}

/// Returns the files that are there under the name `path` with any ending of an image, in small or capital letters.
std::vector<fs::path> with_other_endings(const fs::path& path) {
  std::vector<fs::path> found;
  std::error_code unknown;
  for (const std::string_view ending : image_endings()) {
    std::string capitals(ending);
    std::transform(capitals.begin(), capitals.end(), capitals.begin(), [](unsigned char c) { return std::toupper(c); });
    for (const std::string& spelled : {std::string(ending), capitals}) {
      fs::path other = fs::path(path).replace_extension(spelled);
      // On a file system that ignores case, both spellings name the same file.
      const bool is_new = found.empty() || !fs::equivalent(found.back(), other, unknown);
      if (fs::exists(other, unknown) && is_new) found.push_back(std::move(other));
    }
  }
  return found;
}

}  // namespace

void name_outputs(std::vector<ImageFile>& files, const std::string& ending) {
  std::vector<bool> keeps_own(files.size(), ending.empty());
  const auto output = [&](std::size_t i) {
    return keeps_own[i] ? files[i].name + ending : with_ending(files[i].name, ending);
  };
  // An output that keeps its own ending may get the name of another output, which then keeps its ending as well. More
  // than one round is rare.
  for (bool changed = true; changed;) {
    changed = false;
    std::unordered_map<std::string, std::size_t> first_with;
    for (std::size_t i = 0; i < files.size(); ++i) {
      const auto [other, is_new] = first_with.try_emplace(output(i), i);
      if (is_new) continue;
      if (keeps_own[i] && keeps_own[other->second]) {
        throw UsageError(fmt::format("{} and {} would both become {}: name a folder above both, or run twice",
                                     files[other->second].path, files[i].path, output(i)));
      }
      changed = true;
      keeps_own[i] = keeps_own[other->second] = true;
    }
  }
  for (std::size_t i = 0; i < files.size(); ++i) files[i].name = output(i);
}

void check_apart(const std::vector<ImageFile>& files, const fs::path& output) {
  std::error_code error;
  const fs::path place = fs::weakly_canonical(output, error);
  fs::path folder;
  fs::path real_folder;
  for (const ImageFile& file : files) {
    const fs::path path(file.path);
    if (real_folder.empty() || path.parent_path() != folder) {
      folder = path.parent_path();
      real_folder = fs::weakly_canonical(folder.empty() ? "." : folder, error);
    }
    const bool is_link = fs::is_symlink(path, error);
    const fs::path real = is_link ? fs::weakly_canonical(path, error) : real_folder / path.filename();
    if (is_below(real, place)) {
      throw UsageError(fmt::format("{}: an input is in the output {}: give another", file.path, output.string()));
    }
  }
}

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

#include "sets/image_names.hpp"

#include <algorithm>
#include <cctype>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "run/run_folder.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

/// Returns the existing files with the name `path` and any ending of an image, in small or capital letters.
std::vector<fs::path> with_other_endings(const fs::path& path) {
  std::vector<fs::path> found;
  std::error_code unknown;
  for (const std::string_view ending : image_endings()) {
    std::string capitals(ending);
    std::ranges::transform(capitals, capitals.begin(), [](unsigned char c) { return std::toupper(c); });
    for (const std::string& spelled : {std::string(ending), capitals}) {
      fs::path other = fs::path(path).replace_extension(spelled);
      // On a file system that ignores case, both spellings name the same file.
      const bool is_new = found.empty() || !fs::equivalent(found.back(), other, unknown);
      if (fs::exists(other, unknown) && is_new) found.push_back(std::move(other));
    }
  }
  return found;
}

/// Returns true if the part has the file of this name.
bool is_in(const SetPart& part, const std::string& name) {
  const std::uint32_t number = checksum(std::as_bytes(std::span(name)));
  return number % static_cast<std::uint32_t>(part.parts) == static_cast<std::uint32_t>(part.number - 1);
}

}  // namespace

UsageError lies_in_output(const fs::path& input, const fs::path& output) {
  std::error_code unknown;
  const bool is_same = fs::equivalent(input, output, unknown);
  return UsageError(fmt::format("{}: this input is {}, which is not searched for images: give another output",
                                input.string(), is_same ? "also the output" : "inside the output " + output.string()));
}

void name_outputs(std::vector<ImageFile>& files, const std::string& ending, const SetPart& part) {
  std::vector<bool> keeps_own(files.size(), ending.empty());
  const auto output = [&](std::size_t i) {
    return keeps_own[i] ? files[i].name + ending : fs::path(files[i].name).replace_extension(ending).string();
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
        throw UsageError(
            fmt::format("{} and {} would both become {}: give a folder that contains both, or run haloedge twice",
                        files[other->second].path, files[i].path, output(i)));
      }
      changed = true;
      keeps_own[i] = keeps_own[other->second] = true;
    }
  }
  std::vector<ImageFile> kept;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!is_in(part, files[i].name)) continue;
    std::string name = output(i);
    kept.push_back(std::move(files[i]));
    kept.back().name = std::move(name);
  }
  files = std::move(kept);
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
    if (is_below(real, place)) throw lies_in_output(path, output);
  }
}

fs::path find_depth_map(const fs::path& folder, const fs::path& name) {
  std::error_code unknown;
  if (fs::exists(folder / name, unknown)) return folder / name;
  const std::vector<fs::path> found = with_other_endings(folder / name);
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    throw Error(fmt::format("it has no depth map: neither {} nor an image of that name with another ending exists",
                            (folder / name).string()));
  }
  throw Error(fmt::format("{} and {} could both be its depth map", found[0].string(), found[1].string()));
}

}  // namespace haloedge

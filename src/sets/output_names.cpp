#include "sets/output_names.hpp"

#include <filesystem>
#include <unordered_map>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/file.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

std::string with_ending(const std::string& name, const std::string& ending) {
  return fs::path(name).replace_extension(ending).string();
}

}  // namespace

void name_outputs(std::vector<ImageFile>& files, const std::string& ending) {
  std::vector<bool> keeps_own(files.size(), ending.empty());
  const auto output = [&](std::size_t i) {
    return keeps_own[i] ? files[i].name + ending : with_ending(files[i].name, ending);
  };
  // A name kept whole may meet another short one, which is then kept, too: seldom more than one round.
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

}  // namespace haloedge

#include "imageset/output_names.hpp"

#include <filesystem>
#include <unordered_map>

#include <fmt/format.h>

#include "core/error.hpp"

namespace haloedge {

namespace {

std::string with_ending(const std::string& name, const std::string& ending) {
  return std::filesystem::path(name).replace_extension(ending).string();
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

}  // namespace haloedge

#include "support/scratch_folder.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

namespace haloedge {

ScratchFolder::ScratchFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "haloedge_test_XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
  path_ = name;
}

ScratchFolder::~ScratchFolder() {
  std::error_code left_behind;
  std::filesystem::remove_all(path_, left_behind);
}

std::vector<std::string> ScratchFolder::files() const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path_)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

void make_unreadable_folder(const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  const fs::path before = fs::current_path();
  fs::create_directories(folder);
  fs::current_path(folder);
  const std::string long_name(250, 'd');
  constexpr int enough = 20;  // PATH_MAX is 4096
  for (int depth = 0; depth < enough; ++depth) {
    fs::create_directory(long_name);
    fs::current_path(long_name);
  }
  fs::current_path(before);
}

}  // namespace haloedge

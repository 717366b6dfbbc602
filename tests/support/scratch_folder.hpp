#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace haloedge {

/// An empty folder for one test's files, unlike any other's; it goes with its contents when the test ends.
class ScratchFolder {
 public:
  ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder();

  friend std::filesystem::path operator/(const ScratchFolder& folder, std::string_view name) {
    return folder.path_ / name;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace haloedge

#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace haloedge {

/// An empty folder with a unique name for the files of one test; it is removed with its contents when the test ends.
class ScratchFolder {
 public:
  ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder();

  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Returns the names of all files and folders in it, at any depth, sorted.
  [[nodiscard]] std::vector<std::string> files() const;

 private:
  std::filesystem::path path_;
};

/// Makes the folder and folders in it until the path is longer than the system allows, so that not even root can read
/// the innermost ones.
void make_unreadable_folder(const std::filesystem::path& folder);

}  // namespace haloedge

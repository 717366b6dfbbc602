#pragma once

#include <cstddef>
#include <filesystem>
#include <set>
#include <span>
#include <string>

namespace haloedge {

/// A folder with one file for each image. Files appear complete or not at all. For one thread of each rank.
class ImageFolder {
 public:
  /// `aside` is a file on the same file system, in which each image is written before it gets its name. No other writer
  /// may use it.
  ImageFolder(std::filesystem::path folder, std::filesystem::path aside);
  ImageFolder(const ImageFolder&) = delete;
  ImageFolder& operator=(const ImageFolder&) = delete;
  ~ImageFolder();

  /// Writes folder/name, replaces a file of that name, and makes the folders above it. Throws Error, RunError.
  void write(const std::string& name, std::span<const std::byte> bytes);

  /// Gives a complete file on the same file system this name. Throws Error, RunError.
  void adopt(const std::filesystem::path& file, const std::string& name);

 private:
  std::filesystem::path folder_;
  std::filesystem::path aside_;
  std::set<std::string> made_;  ///< folders that exist
};

}  // namespace haloedge

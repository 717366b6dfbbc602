#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

#include "core/file.hpp"

namespace haloedge {

/// Writes a file from its beginning to its end, in large pieces. Throws Error as File does.
class FileWriter {
 public:
  /// Creates the file, or empties the one that is there.
  explicit FileWriter(const std::filesystem::path& path) : file_(File::create(path)) {}

  void append(std::span<const std::byte> bytes);
  /// Must be the last call; without it the file is not complete.
  void finish();

 private:
  void flush();

  File file_;
  std::int64_t written_ = 0;
  std::vector<std::byte> waiting_;
};

}  // namespace haloedge

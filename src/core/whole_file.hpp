#pragma once

#include <filesystem>
#include <string>

namespace haloedge {

// Files that appear under their names when they are complete.

/// The name of an output while it is written: hidden, in the same folder, so that it can be renamed in one step.
[[nodiscard]] std::filesystem::path partial_path(const std::filesystem::path& output);

/// Owns the partial file of an output: the destructor removes it unless commit() or keep() was called. Only one rank
/// must own it.
class PartialFile {
 public:
  explicit PartialFile(std::filesystem::path output) : output_(std::move(output)) {}
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;
  ~PartialFile();

  [[nodiscard]] std::filesystem::path partial() const { return partial_path(output_); }
  /// Leaves the partial file where it is, so that a later run can resume.
  void keep() { stays_ = true; }

  /// Renames the partial file to the output, replacing an older one. Throws Error.
  void commit();

 private:
  std::filesystem::path output_;
  bool stays_ = false;
};

/// Writes a complete file. Throws Error.
void write_text_file(const std::filesystem::path& path, const std::string& text);

/// Reads a complete file. Throws Error, also for anything but a regular file.
[[nodiscard]] std::string read_text_file(const std::filesystem::path& path);

}  // namespace haloedge

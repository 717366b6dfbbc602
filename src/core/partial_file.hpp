#pragma once

#include <filesystem>

namespace haloedge {

/// The name under which an output grows: hidden, in the same folder, so that it can be renamed in one step.
[[nodiscard]] std::filesystem::path partial_path(const std::filesystem::path& output);

/// Keeps the partial file of one output: removed when this goes, unless commit() has given it the output's name. One
/// rank holds it.
class PartialFile {
 public:
  explicit PartialFile(std::filesystem::path output) : output_(std::move(output)) {}
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;
  ~PartialFile();

  /// What it is called until then.
  [[nodiscard]] std::filesystem::path partial() const { return partial_path(output_); }
  /// It is not to be removed.
  void keep() { stays_ = true; }

  /// Renames it to the output, which it replaces. Throws Error.
  void commit();

 private:
  std::filesystem::path output_;
  bool stays_ = false;
};

}  // namespace haloedge

#include "commands/stream_output.hpp"

#include <filesystem>
#include <utility>

#include "core/file.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

/// Null for what is no file. Throws Error if the file cannot be there.
std::unique_ptr<PartialFile> begin_file(const std::string& path, bool overwrite) {
  if (is_standard_stream(path)) return nullptr;
  std::error_code none;
  const fs::file_status status = fs::status(path, none);
  const bool is_other = fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
  if (is_other) return nullptr;
  check_new_file(path, overwrite);
  return std::make_unique<PartialFile>(path);
}

}  // namespace

bool is_standard_stream(const std::string& path) { return path.empty() || path == "-"; }

StreamOutput::StreamOutput(const std::string& path, bool overwrite, std::function<bool()> should_give_up)
    : file_(begin_file(path, overwrite)),
      bytes_(file_ ? partial_path(path).string() : path, std::move(should_give_up)) {}

void StreamOutput::finish() {
  bytes_.finish();
  if (file_) file_->commit();
}

}  // namespace haloedge

#include "stream/stream_output.hpp"

#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/number_text.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

/// Null for what is no file. Throws Error if the file cannot be there.
std::unique_ptr<PartialFile> begin_file(const std::string& path, bool overwrite) {
  if (path.empty()) return nullptr;
  std::error_code none;
  const fs::file_status status = fs::status(path, none);
  const bool is_other = fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
  if (is_other) return nullptr;
  check_new_file(path, overwrite);
  const fs::path partial = partial_path(path);
  if (fs::exists(partial, none) && !overwrite) {
    throw Error(
        fmt::format("{}: {} has the frames of a stream that did not come to its end: give it another name, or "
                    "begin anew with --overwrite",
                    path, partial.string()));
  }
  return std::make_unique<PartialFile>(path);
}

}  // namespace

StreamOutput::StreamOutput(const std::string& path, bool overwrite, ByteOutput::ShouldGiveUp should_give_up)
    : file_(begin_file(path, overwrite)), bytes_(file_ ? file_->partial().string() : path, std::move(should_give_up)) {}

void StreamOutput::finish() {
  bytes_.finish();
  if (file_) file_->commit();
}

std::string StreamOutput::keep(std::int64_t frames) {
  if (!file_ || frames == 0) return {};
  file_->keep();
  return fmt::format("haloedge: {} frame(s) are kept in {}\n", count_text(frames), file_->partial().string());
}

}  // namespace haloedge

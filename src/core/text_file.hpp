#pragma once

#include <filesystem>
#include <string>

namespace haloedge {

/// Writes a file that appears under its name when it is complete. Throws Error.
void write_text_file(const std::filesystem::path& path, const std::string& text);

/// Throws Error if write_text_file() could not write here: a folder is in the way, or a file that may not be replaced,
/// or there is no folder for it that this user may write to.
void check_text_output(const std::filesystem::path& path, bool overwrite);

/// Throws Error, also for what is no regular file.
[[nodiscard]] std::string read_text_file(const std::filesystem::path& path);

}  // namespace haloedge

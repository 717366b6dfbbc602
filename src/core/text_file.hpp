#pragma once

#include <filesystem>
#include <string>

namespace haloedge {

/// Writes a file that appears under its name when it is complete. Throws Error.
void write_text_file(const std::filesystem::path& path, const std::string& text);

/// Throws Error, also for what is no regular file.
[[nodiscard]] std::string read_text_file(const std::filesystem::path& path);

}  // namespace haloedge

#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace haloedge {

/// All files below a folder by their paths in it, but for those in .haloedge.
[[nodiscard]] std::map<std::string, std::string> files_below(const std::filesystem::path& folder);

/// Names in one tree that are missing or have other bytes in the other; empty if they are the same.
[[nodiscard]] std::string difference(const std::map<std::string, std::string>& tree,
                                     const std::map<std::string, std::string>& expected);

/// For the shell.
[[nodiscard]] std::string quoted(const std::string& text);

void write_bytes(const std::filesystem::path& path, const std::string& bytes);

/// What of a chunk of a PNG comes before and after its content.
[[nodiscard]] std::string png_chunk(const std::string& name, const std::string& content);
/// An 8-bit gray PNG with these sizes in its header and this as its compressed data.
[[nodiscard]] std::string png_claiming(std::uint32_t width, std::uint32_t height, const std::string& data);

}  // namespace haloedge

#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace haloedge {

/// Returns all files below a folder by their paths in it, except those in .haloedge.
[[nodiscard]] std::map<std::string, std::string> files_below(const std::filesystem::path& folder);

/// Returns one line for each file that is missing, has other bytes or should not be there; empty if both trees are the
/// same.
[[nodiscard]] std::string difference(const std::map<std::string, std::string>& tree,
                                     const std::map<std::string, std::string>& expected);

/// Returns the text in single quotes for the shell.
[[nodiscard]] std::string quoted(const std::string& text);

void write_bytes(const std::filesystem::path& path, const std::string& bytes);

/// Returns a chunk of a PNG: the length, the name, the content and the checksum.
[[nodiscard]] std::string png_chunk(const std::string& name, const std::string& content);
/// Returns an 8-bit gray PNG that has these sizes in its header and `data` as its compressed data.
[[nodiscard]] std::string png_claiming(std::uint32_t width, std::uint32_t height, const std::string& data);

}  // namespace haloedge

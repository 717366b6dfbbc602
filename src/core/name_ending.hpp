#pragma once

#include <filesystem>
#include <string>

namespace haloedge {

/// The ending of a file's name, in small letters: ".jpg" of "A.JPG".
[[nodiscard]] std::string name_ending(const std::filesystem::path& path);

}  // namespace haloedge

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tables/image_rows.hpp"

namespace haloedge {

/// The files that inputs name, each once, in the order of their paths' bytes: image files in folders and all folders
/// below (by their names' endings; what is no regular file is passed over, links that lead in circles are followed
/// once), files of glob patterns, files named themselves, and for @LIST the paths in a file, one a line, or each ended
/// by a NUL if there is one. A file that is named but is not there is listed too, with 0 bytes: opening it will say
/// why. The folder `left_out`, where outputs go, is not searched, and no folder of
/// journals. `check_cancelled` is called now and then; what it throws ends the listing. Throws Error for a folder or
/// list that cannot be read, and for a pattern that no file has; UsageError for one that only files in `left_out` have.
[[nodiscard]] std::vector<ImageFile> list_images(const std::vector<std::string>& inputs,
                                                 const std::filesystem::path& left_out = {},
                                                 const std::function<void()>& check_cancelled = nullptr);

}  // namespace haloedge

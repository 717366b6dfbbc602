#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tables/image_rows.hpp"

namespace haloedge {

/// Lists the files that the inputs name: each file once, in the order of the bytes of their paths. An input is
///
/// - a folder: all image files in it and in all folders below it. Files that are not regular are skipped, and links
///   that lead in circles are followed once.
/// - a glob pattern: all files and folders that match it.
/// - @LIST: all paths in the file LIST, one a line, or each ended by a NUL if the file contains a NUL.
/// - the path of a file. A file that does not exist is listed with 0 bytes; opening it reports the error.
///
/// The folder `left_out`, to which the outputs go, is not searched, and neither are folders of journals.
/// `check_cancelled` is called for each file and ends the listing by an exception. Throws Error if a folder or a list
/// cannot be read, or if no file matches a pattern; UsageError if all files that match a pattern are in `left_out`.
[[nodiscard]] std::vector<ImageFile> list_images(const std::vector<std::string>& inputs,
                                                 const std::filesystem::path& left_out = {},
                                                 const std::function<void()>& check_cancelled = nullptr);

}  // namespace haloedge

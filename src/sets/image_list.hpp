#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sets/options.hpp"
#include "tables/image_rows.hpp"

namespace haloedge {

/// The images of a set, and what was found beside them.
struct ListedImages {
  std::vector<ImageFile> files;
  /// The number of files and folders that were skipped, by kind: the ending of their names, as ".txt", or "without an
  /// ending", "excluded", and "not regular" for pipes and links to nowhere.
  std::map<std::string, std::int64_t> skipped{};
  std::vector<std::string> unread_folders{};  ///< for each folder that cannot be read, its path and the reason

  /// Returns `skipped` as a text, the most frequent kinds first: "7 .txt, 2 excluded". Empty if nothing was skipped.
  [[nodiscard]] std::string skipped_text() const;
};

/// Lists the files that the inputs name: each file once, in the order of the bytes of their paths. An input is
///
/// - a folder: all image files in it and in all folders below it; see is_image_file(). Files that are not regular are
///   skipped, and links that lead in circles are followed once.
/// - a glob pattern: all files and folders that match it.
/// - @LIST: all paths in the file LIST, or in standard input if LIST is "-", one per line, or each ended by a NUL if
/// the
///   list contains a NUL. A binary file, such as an image, is refused: it contains NULs in a row.
/// - the path of a file, or of a dataset in a file. A link to nowhere is listed with 0 bytes, as is a path in a LIST
///   that does not exist; opening it reports the error.
///
/// Files and folders that match a pattern of `options.exclude` are skipped. The folder `left_out`, to which the outputs
/// go, is not searched, and neither are folders of journals. `check_cancelled` is called for each file and ends the
/// listing by an exception. Throws Error if an input does not exist, if a list cannot be read, or if no file matches a
/// pattern; UsageError if all files that match a pattern are in `left_out`, or if no image is found and a folder that
/// was named is.
[[nodiscard]] ListedImages list_images(const SetOptions& options, const std::filesystem::path& left_out = {},
                                       const std::function<void()>& check_cancelled = nullptr);

/// Returns the paths of the files and lists that the user names one by one, for check_named_files(). Files in folders
/// and files that match patterns are not among them.
[[nodiscard]] std::vector<std::string> named_inputs(const SetOptions& options);

}  // namespace haloedge

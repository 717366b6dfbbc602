#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "sets/options.hpp"
#include "tables/image_rows.hpp"

/// The images of a set, and the names of the files that belong to them: outputs and depth maps.
namespace haloedge {

/// Lists the files that the inputs name: each file once, in the order of the bytes of their paths. An input is
///
/// - a folder: all image files in it and in all folders below it. Files that are not regular are skipped, and links
///   that lead in circles are followed once.
/// - a glob pattern: all files and folders that match it.
/// - @LIST: all paths in the file LIST, one per line, or each ended by a NUL if the file contains a NUL. A binary file,
///   such as an image, is refused: it contains NULs in a row.
/// - the path of a file, or of a dataset in a file. A link to nowhere is listed with 0 bytes, as is a path in a LIST
///   that does not exist; opening it reports the error.
///
/// The folder `left_out`, to which the outputs go, is not searched, and neither are folders of journals.
/// `check_cancelled` is called for each file and ends the listing by an exception. Throws Error if an input does not
/// exist, if a folder or a list cannot be read, or if no file matches a pattern; UsageError if all files that match a
/// pattern are in `left_out`, or if no image is found and a folder that was named is.
[[nodiscard]] std::vector<ImageFile> list_images(const std::vector<std::string>& inputs,
                                                 const std::filesystem::path& left_out = {},
                                                 const std::function<void()>& check_cancelled = nullptr);

/// Returns the paths of the files and lists that the user names one by one, for check_named_files(). Files in folders
/// and files that match patterns are not among them.
[[nodiscard]] std::vector<std::string> named_inputs(const SetOptions& options);

/// Turns the names of the files into the names of their outputs by replacing each file's ending with `ending` (".png").
/// If two outputs would get the same name, as those of a.jpg and a.png, both keep their own ending before the new one:
/// a.jpg.png and a.png.png. If `ending` is empty, all names stay as they are. Throws UsageError, which names two
/// files, if two outputs still have the same name. Then removes the files that are not in the part. The part of a file
/// depends only on its name within the set, so that files that are added to a set do not move others to another part,
/// and runs may reach the set by different paths. Pure.
void name_outputs(std::vector<ImageFile>& files, const std::string& ending, const SetPart& part = {});

/// Throws UsageError if an input file lies in the folder `output` or below it, where an output could replace it.
void check_apart(const std::vector<ImageFile>& files, const std::filesystem::path& output);

/// Returns the depth map of an image. `name` is the path of the image below its folder. The depth map is the file in
/// `folder` that has the same name or, if there is none, the only image file there whose name differs in its ending.
/// Throws Error if there is none, or if there are several.
[[nodiscard]] std::filesystem::path find_depth_map(const std::filesystem::path& folder,
                                                   const std::filesystem::path& name);

}  // namespace haloedge

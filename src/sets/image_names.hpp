#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "sets/options.hpp"
#include "tables/image_rows.hpp"

/// The names of the files that belong to the images of a set: outputs and depth maps.
namespace haloedge {

/// Turns the names of the files into the names of their outputs by replacing each file's ending with `ending` (".png").
/// If two outputs would get the same name, as those of a.jpg and a.png, both keep their own ending before the new one:
/// a.jpg.png and a.png.png. If `ending` is empty, all names stay as they are. Throws UsageError, which names two
/// files, if two outputs still have the same name. Then removes the files that are not in the part. The part of a file
/// depends only on its name within the set, so that files that are added to a set do not move others to another part,
/// and runs may reach the set by different paths. Pure.
void name_outputs(std::vector<ImageFile>& files, const std::string& ending, const SetPart& part = {});

/// Returns the error that an input is the output, or lies in it.
[[nodiscard]] UsageError lies_in_output(const std::filesystem::path& input, const std::filesystem::path& output);

/// Throws UsageError if an input file lies in the folder `output` or below it, where an output could replace it.
void check_apart(const std::vector<ImageFile>& files, const std::filesystem::path& output);

/// Returns the depth map of an image. `name` is the path of the image below its folder. The depth map is the file in
/// `folder` that has the same name or, if there is none, the only image file there whose name differs in its ending.
/// Throws Error if there is none, or if there are several.
[[nodiscard]] std::filesystem::path find_depth_map(const std::filesystem::path& folder,
                                                   const std::filesystem::path& name);

}  // namespace haloedge

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tables/image_file.hpp"

namespace haloedge {

/// Turns the files' names into those of their outputs: `ending` (".png") takes the place of their own, but where two
/// would have the same name, as a.jpg and a.png, each keeps its own before it: a.jpg.png and a.png.png. Without an
/// ending all names stay as they are. Throws
/// UsageError, naming two files, where even those are the same. Pure.
void name_outputs(std::vector<ImageFile>& files, const std::string& ending);

/// Throws UsageError if an image to be read stands where outputs go, in `output` or below: it could be replaced by one.
void check_apart(const std::vector<ImageFile>& files, const std::filesystem::path& output);

}  // namespace haloedge

#pragma once

#include <filesystem>
#include <memory>

#include "source/source.hpp"

namespace haloedge {

/// A page (counted from 0) of a TIFF or BigTIFF. Its blocks are decoded in any order, each by itself, but for
/// compressed strips too large to be decoded whole, which are read from the top.
[[nodiscard]] std::unique_ptr<Source> open_tiff_source(const std::filesystem::path& path, int page);

}  // namespace haloedge

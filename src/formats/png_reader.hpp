#pragma once

#include <filesystem>
#include <memory>

#include "formats/row_reader.hpp"

namespace haloedge {

/// A PNG of any kind: palettes become RGB, gray of less than 8 bits is spread to 8. Interlaced ones are decoded as a
/// whole at the first read.
[[nodiscard]] std::unique_ptr<RowReader> open_png(const std::filesystem::path& path);

}  // namespace haloedge

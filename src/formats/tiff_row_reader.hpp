#pragma once

#include <filesystem>
#include <memory>

#include "formats/row_reader.hpp"
#include "formats/tiff_header.hpp"

namespace haloedge {

/// Rows of a page whose compressed strips are too large to be decoded whole.
[[nodiscard]] std::unique_ptr<RowReader> make_tiff_row_reader(const std::filesystem::path& path, int page,
                                                              const TiffHeader& header);

}  // namespace haloedge

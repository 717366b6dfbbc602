#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/image.hpp"

namespace haloedge {

/// The page of a TIFF that is read, and the page that says which of its pixels have data.
struct TiffPages {
  int image = 0;              ///< counted from 0, as `mask`
  std::optional<int> mask{};  ///< 0 where there is no data; it has the size of the image
  std::string note{};         ///< why this page, if that may not be what the user expects; empty else
};

/// Chooses the page that the options ask for or, if they do not, the first that is neither a smaller version of another
/// one nor a mask. Throws Error if the file is not a TIFF.
[[nodiscard]] TiffPages choose_tiff_pages(const std::filesystem::path& path, const ReadOptions& options);

}  // namespace haloedge

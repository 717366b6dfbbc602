#pragma once

#include <cstddef>
#include <vector>

#include "core/row_range.hpp"
#include "kernels/kernels.hpp"
#include "support/tiff_fixture.hpp"

namespace haloedge {

/// The sample type in which the program promises to read such a page.
[[nodiscard]] kernels::SampleType promised_type(const TiffPage& page);

/// Rows of a page as the program promises to read them, worked out from the file's values one by one: `channels`
/// samples a pixel, without gaps.
[[nodiscard]] std::vector<std::byte> promised_rows(const TiffPage& page, int channels, RowRange rows);

}  // namespace haloedge

#pragma once

#include <cstddef>
#include <vector>

#include "core/row_range.hpp"
#include "kernels/kernels.hpp"
#include "support/tiff_fixture.hpp"

namespace haloedge {

/// The sample type that the program must read a page with.
[[nodiscard]] kernels::SampleType promised_type(const TiffPage& page);

/// The rows of a page as the program must read them, computed from the file's values one by one: `channels` samples a
/// pixel, without padding.
[[nodiscard]] std::vector<std::byte> promised_rows(const TiffPage& page, int channels, RowRange rows);

}  // namespace haloedge

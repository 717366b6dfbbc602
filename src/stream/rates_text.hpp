#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "stream/stream_log.hpp"
#include "stream/y4m_header.hpp"

namespace haloedge {

using RatesBuffer = std::array<char, 96>;

/// "SOURCE 30.0 FPS  FILTER 5.0 FPS  AGE 6", or where no more than `letters` fit, "S 30.0 F 5.0 A 6"; empty if not even
/// that fits: half a number would be a wrong one. An age of "-": there are no edges yet. In `buffer`.
[[nodiscard]] std::string_view rates_text(double source, double filter, std::optional<std::int64_t> age,
                                          std::int64_t letters, RatesBuffer& buffer);

/// Writes the source's rate, the filter's and the annotation's age in frames into a painted frame. Does not allocate.
void draw_rates(const Y4mHeader& painted, const StreamLog& log, std::optional<std::int64_t> age, std::byte* frame);

}  // namespace haloedge

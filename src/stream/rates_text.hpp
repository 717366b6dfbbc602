#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "stream/stream_log.hpp"
#include "stream/y4m_header.hpp"

namespace haloedge {

/// Writes the source's rate, the filter's and the annotation's age in frames into a painted frame. Does not allocate.
void draw_rates(const Y4mHeader& painted, const StreamLog& log, std::optional<std::int64_t> age, std::byte* frame);

}  // namespace haloedge

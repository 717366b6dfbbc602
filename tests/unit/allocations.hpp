#pragma once

#include <cstdint>

namespace haloedge {

/// How often this program has called operator new.
[[nodiscard]] std::int64_t allocations();

}  // namespace haloedge

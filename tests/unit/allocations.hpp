#pragma once

#include <cstdint>

namespace haloedge {

// Counts all memory of the program that any form of operator new allocates, on any thread.

/// Returns the number of calls of operator new.
[[nodiscard]] std::int64_t allocations();

/// Returns the number of bytes that are allocated and not yet freed.
[[nodiscard]] std::int64_t held_bytes();
/// Returns the most bytes that were allocated at a time since the start or since forget_most_held_bytes().
[[nodiscard]] std::int64_t max_held_bytes();
/// Sets max_held_bytes() back to held_bytes().
void forget_most_held_bytes();

}  // namespace haloedge

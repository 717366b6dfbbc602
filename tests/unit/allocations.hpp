#pragma once

#include <cstdint>

namespace haloedge {

// Of the whole program, by any form of operator new, from any thread.

/// How often it was called.
[[nodiscard]] std::int64_t allocations();

/// What was asked for and not given back yet.
[[nodiscard]] std::int64_t held_bytes();
/// The most that was held at a time, from the start or since forget_most_held_bytes().
[[nodiscard]] std::int64_t most_held_bytes();
/// From here on, the most is what is held now.
void forget_most_held_bytes();

}  // namespace haloedge

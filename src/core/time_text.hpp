#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace haloedge {

/// A time in nanoseconds since 1970, in UTC, as RFC 3339 has it: "2026-01-31T12:00:00.000000000Z".
[[nodiscard]] std::string time_text(std::int64_t nanoseconds);

/// The time that time_text() writes so; nothing for any other text, and for times outside the 64 bits (the years 1677
/// to 2262).
[[nodiscard]] std::optional<std::int64_t> parse_time(std::string_view text);

}  // namespace haloedge

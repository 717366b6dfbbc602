#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace haloedge {

// Times as users and files write them. The parsers return nothing for a text that is anything else.

/// A time in nanoseconds since 1970, written in UTC as in RFC 3339: "2026-01-31T12:00:00.000000000Z".
[[nodiscard]] std::string time_text(std::int64_t nanoseconds);

/// Parses a time that time_text() wrote. Returns nothing also for times that do not fit into 64 bits (before the year
/// 1677 and after 2262).
[[nodiscard]] std::optional<std::int64_t> parse_time(std::string_view text);

/// Parses "90" (seconds), "90s", "55m", "1h30m", "2d", and Slurm's "30:00", "01:30:00", "1-12:00:00". Returns nothing
/// also for zero.
[[nodiscard]] std::optional<std::chrono::seconds> parse_duration(const std::string& text);

/// "0.021 s", "1.70 s", "34.2 s", "150 s", "12 min", "3.4 h".
[[nodiscard]] std::string seconds_text(double seconds);

/// Parses "2us", "1.5ms", "0.1s" into seconds. Returns nothing also for times below zero.
[[nodiscard]] std::optional<double> parse_latency(std::string_view text);

}  // namespace haloedge

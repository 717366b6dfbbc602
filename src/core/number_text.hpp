#pragma once

#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace haloedge {

// These functions convert numbers and times to and from text for users. The parsers return nothing for any other text.

/// Parses a whole number, in base 10 or in the given base, or a floating-point number, which may have an exponent.
/// Returns nothing also for a number that does not fit into `Number`.
template <class Number, class... Base>
[[nodiscard]] std::optional<Number> parse_number(std::string_view text, Base... base) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base...);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Parses a size in bytes: "4096B", "256M", "1.5G", "2GiB". Units K, M, G, T are powers of 1024, a trailing "B" or "iB"
/// is allowed. Returns nothing also for a number without any unit, which may be meant in MB, for zero and below, and
/// for more than a signed 64-bit number holds.
[[nodiscard]] std::optional<std::int64_t> parse_size(std::string_view text);

/// Formats a size: "256 MiB", "1.5 GiB". Rounds up, so that a size printed as needed is enough when the user types it.
[[nodiscard]] std::string size_text(std::int64_t bytes);

/// Formats a whole number with separators: "1,234,567".
[[nodiscard]] std::string count_text(std::int64_t count);

/// Formats a number of things, whose plural has an s: "1 image", "1,234 images".
[[nodiscard]] std::string count_text(std::int64_t count, std::string_view thing);

/// Parses a rate in bytes a second: "100GB/s", "12.5G", "100Gb/s". Units K, M, G, T are powers of 1000, as is usual for
/// networks; "b" stands for bits, "B" or nothing for bytes, and "/s" may be left out. Returns nothing also for zero and
/// below, and for a number without any unit, which may be meant in MB/s as well as in GB/s.
[[nodiscard]] std::optional<double> parse_rate(std::string_view text);

/// Formats a rate with three digits, in powers of 1000: "1.53 GB/s".
[[nodiscard]] std::string rate_text(double bytes_a_second);

/// Formats a time, in nanoseconds since 1970, in UTC as in RFC 3339: "2026-01-31T12:00:00.000000000Z".
[[nodiscard]] std::string time_text(std::int64_t nanoseconds);

/// Parses a time that time_text() wrote. Returns nothing also for times that do not fit into 64 bits (before the year
/// 1677 and after 2262).
[[nodiscard]] std::optional<std::int64_t> parse_time(std::string_view text);

/// Parses "90s", "55m", "10min", "1h30m", "2d", and Slurm's "30:00", "01:30:00", "1-12:00:00". Returns nothing also for
/// a number without any unit, which stands for minutes in Slurm, and for zero.
[[nodiscard]] std::optional<std::chrono::seconds> parse_duration(const std::string& text);

/// Formats seconds: "0.021 s", "1.70 s", "34.2 s", "150 s", "12 min", "3.4 h".
[[nodiscard]] std::string seconds_text(double seconds);

/// Parses "2us", "1.5ms", "0.1s" into seconds. Returns nothing also for times below zero.
[[nodiscard]] std::optional<double> parse_latency(std::string_view text);

}  // namespace haloedge

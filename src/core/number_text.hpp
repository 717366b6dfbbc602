#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace haloedge {

// Numbers as users type and read them. The parsers return nothing for a text that is anything else.

/// Parses a whole number. Returns nothing also for one that does not fit into `Number`.
template <class Number>
[[nodiscard]] std::optional<Number> parse_number(std::string_view text, int base = 10) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Parses a number that may have a fraction and an exponent.
[[nodiscard]] inline std::optional<double> parse_real(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

struct NumberWithUnit {
  double number = 0;
  std::string_view unit;  ///< all that follows the number
};

/// Splits "12.5GB/s" into 12.5 and "GB/s".
[[nodiscard]] std::optional<NumberWithUnit> split_unit(std::string_view text);

/// Parses a size in bytes: "4096", "256M", "1.5G", "2GiB". Units K, M, G, T are powers of 1024, a trailing "B" or "iB"
/// is allowed. Returns nothing also for zero and below, and for more than a signed 64-bit number holds.
[[nodiscard]] std::optional<std::int64_t> parse_size(std::string_view text);

/// "256 MiB", "1.5 GiB": at most three digits, rounded up, so that a size printed as needed is enough when typed.
[[nodiscard]] std::string size_text(std::int64_t bytes);

/// "1,234,567".
[[nodiscard]] std::string count_text(std::int64_t count);

/// Parses a rate in bytes a second: "100GB/s", "12.5G", "100Gb/s". Units K, M, G, T are powers of 1000, as is usual for
/// networks; "b" stands for bits, "B" or nothing for bytes, and "/s" may be left out. Returns nothing also for zero and
/// below.
[[nodiscard]] std::optional<double> parse_rate(std::string_view text);

/// "1.53 GB/s": three digits, powers of 1000.
[[nodiscard]] std::string rate_text(double bytes_a_second);

}  // namespace haloedge

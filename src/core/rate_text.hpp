#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace haloedge {

/// Bytes a second for "100GB/s", "12.5G", "100Gb/s": units K, M, G, T are powers of 1000, as those of links are; "b"
/// stands for bits, "B" or nothing for bytes, and "/s" may be left out. Nothing for anything else, zero and below.
[[nodiscard]] std::optional<double> parse_rate(std::string_view text);

/// "1.53 GB/s": three digits, powers of 1000.
[[nodiscard]] std::string rate_text(double bytes_a_second);

/// Seconds for "2us", "1.5ms", "0.1s"; nothing for anything else, and below zero. "0s" is no latency.
[[nodiscard]] std::optional<double> parse_latency(std::string_view text);

/// "0.021 s", "1.70 s", "34.2 s", "150 s", "12 min", "3.4 h".
[[nodiscard]] std::string seconds_text(double seconds);

}  // namespace haloedge

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace haloedge {

/// Bytes for "4096", "256M", "1.5G", "2GiB": units K, M, G, T are powers of 1024, a trailing "B" or "iB" is allowed.
/// Nothing for anything else, for zero and below, and for more than a signed 64-bit number holds.
[[nodiscard]] std::optional<std::int64_t> parse_size(std::string_view text);

/// "256 MiB", "1.5 GiB": three digits at the most, rounded up, so that a size printed as needed is enough when typed.
[[nodiscard]] std::string size_text(std::int64_t bytes);

/// "1,234,567".
[[nodiscard]] std::string count_text(std::int64_t count);

}  // namespace haloedge

#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace haloedge {

/// Base64 of RFC 4648, padded, in one line.
[[nodiscard]] std::string base64(std::span<const std::byte> bytes);

}  // namespace haloedge

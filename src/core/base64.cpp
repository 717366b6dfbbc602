#include "core/base64.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "core/arithmetic.hpp"

namespace haloedge {

std::string base64(std::span<const std::byte> bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  constexpr std::size_t group_bytes = 3;
  constexpr std::size_t group_digits = 4;
  std::string text;
  text.reserve(divide_up(bytes.size(), group_bytes) * group_digits);
  for (std::size_t i = 0; i < bytes.size(); i += group_bytes) {
    const auto group = bytes.subspan(i, std::min(group_bytes, bytes.size() - i));
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < group_bytes; ++k) {
      bits = bits << 8 | (k < group.size() ? std::to_integer<std::uint32_t>(group[k]) : 0);
    }
    for (std::size_t k = 0; k < group_digits; ++k) text += k <= group.size() ? digits[bits >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

}  // namespace haloedge

#include "core/duration_text.hpp"

#include <array>
#include <cstdint>
#include <regex>

#include "core/number_text.hpp"

namespace haloedge {

namespace {

/// Days, hours, minutes and seconds, where a part may be missing; nothing if one is too large.
std::optional<std::chrono::seconds> add_up(const std::smatch& parts) {
  constexpr std::array<std::int64_t, 4> seconds_each{86400, 3600, 60, 1};
  std::int64_t seconds = 0;
  for (std::size_t i = 0; i < seconds_each.size(); ++i) {
    if (!parts[i + 1].matched) continue;
    const auto number = parse_number<std::int32_t>(parts[i + 1].str());
    if (!number) return std::nullopt;
    seconds += *number * seconds_each.at(i);
  }
  return seconds > 0 ? std::optional(std::chrono::seconds(seconds)) : std::nullopt;
}

}  // namespace

std::optional<std::chrono::seconds> parse_duration(const std::string& text) {
  static const std::regex with_units("(?:(\\d+)d)?(?:(\\d+)h)?(?:(\\d+)m)?(?:(\\d+)s?)?");
  static const std::regex with_colons("(?:(?:(\\d+)-)?(\\d+):)?(\\d+):(\\d+)");
  std::smatch parts;
  if (std::regex_match(text, parts, with_units) || std::regex_match(text, parts, with_colons)) return add_up(parts);
  return std::nullopt;
}

}  // namespace haloedge

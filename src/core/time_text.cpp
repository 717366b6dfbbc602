#include "core/time_text.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <regex>

#include <fmt/format.h>

#include "core/number_text.hpp"

namespace haloedge {

namespace {

constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;

/// Whether `text` has a digit wherever `form` has a 0, and the same characters elsewhere.
bool has_form(std::string_view text, std::string_view form) {
  if (text.size() != form.size()) return false;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (form[i] == '0' ? !digit : text[i] != form[i]) return false;
  }
  return true;
}

/// Adds up days, hours, minutes and seconds, any of which may be missing. Returns nothing if one is too large.
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

std::string time_text(std::int64_t nanoseconds) {
  std::time_t whole = nanoseconds / nanoseconds_per_second;
  std::int64_t part = nanoseconds % nanoseconds_per_second;
  if (part < 0) {
    --whole;
    part += nanoseconds_per_second;
  }
  std::tm utc{};
  ::gmtime_r(&whole, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                     utc.tm_hour, utc.tm_min, utc.tm_sec, part);
}

std::optional<std::int64_t> parse_time(std::string_view text) {
  namespace chrono = std::chrono;
  if (!has_form(text, "0000-00-00T00:00:00.000000000Z")) return std::nullopt;
  const auto number = [text](std::size_t at, std::size_t digits) {
    return parse_number<int>(text.substr(at, digits)).value();
  };
  const chrono::year_month_day date = chrono::year(number(0, 4)) / number(5, 2) / number(8, 2);
  const int hour = number(11, 2);
  const int minute = number(14, 2);
  const int whole_second = number(17, 2);
  if (!date.ok() || hour > 23 || minute > 59 || whole_second > 59) return std::nullopt;
  const chrono::seconds since_1970 = chrono::sys_days(date).time_since_epoch() + chrono::hours(hour) +
                                     chrono::minutes(minute) + chrono::seconds(whole_second);
  std::int64_t whole = since_1970.count();
  std::int64_t part = number(20, 9);
  if (whole < 0) {  // the earliest second fits into 64 bits only together with its fraction
    ++whole;
    part -= nanoseconds_per_second;
  }
  std::int64_t nanoseconds = 0;
  if (__builtin_mul_overflow(whole, nanoseconds_per_second, &nanoseconds)) return std::nullopt;
  if (__builtin_add_overflow(nanoseconds, part, &nanoseconds)) return std::nullopt;
  return nanoseconds;
}

std::optional<std::chrono::seconds> parse_duration(const std::string& text) {
  static const std::regex with_units("(?:(\\d+)d)?(?:(\\d+)h)?(?:(\\d+)m)?(?:(\\d+)s?)?");
  static const std::regex with_colons("(?:(?:(\\d+)-)?(\\d+):)?(\\d+):(\\d+)");
  std::smatch parts;
  if (std::regex_match(text, parts, with_units) || std::regex_match(text, parts, with_colons)) return add_up(parts);
  return std::nullopt;
}

std::optional<double> parse_latency(std::string_view text) {
  const auto parts = split_unit(text);
  if (!parts || parts->number < 0) return std::nullopt;
  constexpr double milli = 1e-3;
  constexpr double micro = 1e-6;
  if (parts->unit == "s") return parts->number;
  if (parts->unit == "ms") return parts->number * milli;
  if (parts->unit == "us") return parts->number * micro;
  return std::nullopt;
}

std::string seconds_text(double seconds) {
  constexpr double minute = 60;
  constexpr double hour = 3600;
  if (seconds >= 3 * hour) return fmt::format("{:.1f} h", seconds / hour);
  if (seconds >= 3 * minute) return fmt::format("{:.0f} min", seconds / minute);
  return fmt::format("{:.{}f} s", seconds, seconds < 1 ? 3 : seconds < 10 ? 2 : seconds < 100 ? 1 : 0);
}

}  // namespace haloedge

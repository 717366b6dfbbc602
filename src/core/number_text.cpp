#include "core/number_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <ctime>
#include <regex>

#include <fmt/format.h>

namespace haloedge {

namespace {

constexpr std::string_view unit_letters = "KMGT";
constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;

struct NumberWithUnit {
  double number = 0;
  std::string_view unit;  ///< all that follows the number
};

/// Splits "12.5GB/s" into 12.5 and "GB/s".
std::optional<NumberWithUnit> split_unit(std::string_view text) {
  double number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc{} || !std::isfinite(number)) return std::nullopt;
  return NumberWithUnit{number, text.substr(static_cast<std::size_t>(rest - text.data()))};
}

/// Returns the power that a unit stands for: 0 for no letter, 1 for "K", 2 for "M", and so on; nothing for other units.
std::optional<int> unit_power(std::string_view unit) {
  if (unit.empty()) return 0;
  const std::size_t place = unit_letters.find(unit.front());
  if (unit.size() > 1 || place == std::string_view::npos) return std::nullopt;
  return static_cast<int>(place) + 1;
}

/// Returns true if `text` has a digit wherever `form` has a 0, and the same characters elsewhere.
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

std::optional<std::int64_t> parse_size(std::string_view text) {
  const auto parts = split_unit(text);
  if (!parts || parts->unit.empty()) return std::nullopt;
  std::string unit(parts->unit);
  std::ranges::transform(unit, unit.begin(), [](unsigned char c) { return std::toupper(c); });
  if (unit.ends_with('B')) unit.pop_back();
  if (unit.size() == 2 && unit.ends_with('I')) unit.pop_back();
  const auto power = unit_power(unit);
  if (!power) return std::nullopt;
  const double bytes = std::ldexp(parts->number, 10 * *power);
  if (bytes < 1 || bytes >= 0x1p63) return std::nullopt;
  return static_cast<std::int64_t>(bytes);
}

std::string size_text(std::int64_t bytes) {
  if (bytes < 1024) return fmt::format("{} B", bytes);
  auto number = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (number >= 1000 && unit + 1 < unit_letters.size()) {
    number /= 1024;
    ++unit;
  }
  const double steps = number < 100 ? 10 : 1;
  return fmt::format("{:.{}f} {}iB", std::ceil(number * steps) / steps, number < 100 ? 1 : 0, unit_letters[unit]);
}

std::string count_text(std::int64_t count) {
  std::string text = std::to_string(count);
  for (auto place = static_cast<std::ptrdiff_t>(text.size()) - 3; place > (count < 0 ? 1 : 0); place -= 3) {
    text.insert(static_cast<std::size_t>(place), 1, ',');
  }
  return text;
}

std::string count_text(std::int64_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count_text(count), thing, count == 1 ? "" : "s");
}

std::optional<double> parse_rate(std::string_view text) {
  constexpr double bits_a_byte = 8;
  const auto parts = split_unit(text);
  if (!parts || parts->number <= 0) return std::nullopt;
  auto [number, unit] = *parts;
  if (unit.ends_with("/s")) unit.remove_suffix(2);
  if (unit.empty()) return std::nullopt;
  if (unit.ends_with('b')) number /= bits_a_byte;
  if (unit.ends_with('b') || unit.ends_with('B')) unit.remove_suffix(1);
  const auto power = unit_power(unit);
  return power ? std::optional(number * std::pow(1000.0, *power)) : std::nullopt;
}

std::string rate_text(double bytes_a_second) {
  constexpr double least_of_next = 999.5;  // is rounded to 1000, which has too many digits
  std::size_t unit = 0;
  while (bytes_a_second >= least_of_next && unit < unit_letters.size()) {
    bytes_a_second /= 1000;
    ++unit;
  }
  return fmt::format("{:.3g} {}B/s", bytes_a_second, unit == 0 ? "" : unit_letters.substr(unit - 1, 1));
}

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
  static const std::regex with_units("(?:(\\d+)d)?(?:(\\d+)h)?(?:(\\d+)m(?:in)?)?(?:(\\d+)s)?");
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

#include "core/time_text.hpp"

#include <chrono>
#include <cstddef>
#include <ctime>

#include <fmt/format.h>

#include "core/number_text.hpp"

namespace haloedge {

namespace {

constexpr std::int64_t second = 1'000'000'000;

/// Whether `text` has a digit wherever `form` has a 0, and else the same characters.
bool has_form(std::string_view text, std::string_view form) {
  if (text.size() != form.size()) return false;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (form[i] == '0' ? !digit : text[i] != form[i]) return false;
  }
  return true;
}

}  // namespace

std::string time_text(std::int64_t nanoseconds) {
  std::time_t whole = nanoseconds / second;
  std::int64_t part = nanoseconds % second;
  if (part < 0) {
    --whole;
    part += second;
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
  if (whole < 0) {  // the first second of all fits only together with its part
    ++whole;
    part -= second;
  }
  std::int64_t nanoseconds = 0;
  if (__builtin_mul_overflow(whole, second, &nanoseconds)) return std::nullopt;
  if (__builtin_add_overflow(nanoseconds, part, &nanoseconds)) return std::nullopt;
  return nanoseconds;
}

}  // namespace haloedge

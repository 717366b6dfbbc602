#include "core/number_text.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace haloedge {

namespace {

constexpr std::string_view unit_letters = "KMGT";
constexpr double bits_a_byte = 8;

}  // namespace

std::optional<NumberWithUnit> split_unit(std::string_view text) {
  double number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc{} || !std::isfinite(number)) return std::nullopt;
  return NumberWithUnit{number, text.substr(static_cast<std::size_t>(rest - text.data()))};
}

std::optional<std::int64_t> parse_size(std::string_view text) {
  const auto parts = split_unit(text);
  if (!parts || parts->number <= 0) return std::nullopt;
  double number = parts->number;
  std::string unit(parts->unit);
  std::transform(unit.begin(), unit.end(), unit.begin(), [](unsigned char c) { return std::toupper(c); });
  if (!unit.empty() && unit.back() == 'B') unit.pop_back();
  if (unit.size() == 2 && unit.back() == 'I') unit.pop_back();
  if (unit.size() > 1) return std::nullopt;
  if (!unit.empty()) {
    const auto power = unit_letters.find(unit.front());
    if (power == std::string_view::npos) return std::nullopt;
    number = std::ldexp(number, 10 * (static_cast<int>(power) + 1));
  }
  if (number < 1 || number >= 0x1p63) return std::nullopt;
  return static_cast<std::int64_t>(number);
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

std::optional<double> parse_rate(std::string_view text) {
  const auto parts = split_unit(text);
  if (!parts || parts->number <= 0) return std::nullopt;
  auto [number, unit] = *parts;
  if (unit.ends_with("/s")) unit.remove_suffix(2);
  if (unit.ends_with('b')) number /= bits_a_byte;
  if (unit.ends_with('b') || unit.ends_with('B')) unit.remove_suffix(1);
  if (unit.size() > 1) return std::nullopt;
  if (unit.empty()) return number;
  const auto power = unit_letters.find(unit.front());
  if (power == std::string_view::npos) return std::nullopt;
  return number * std::pow(1000.0, static_cast<double>(power) + 1);
}

std::string rate_text(double bytes_a_second) {
  std::size_t unit = 0;
  while (bytes_a_second >= 1000 && unit < unit_letters.size()) {
    bytes_a_second /= 1000;
    ++unit;
  }
  return fmt::format("{:.3g} {}B/s", bytes_a_second, unit == 0 ? "" : unit_letters.substr(unit - 1, 1));
}

}  // namespace haloedge

#include "core/rate_text.hpp"

#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace haloedge {

namespace {

constexpr std::string_view unit_letters = "KMGT";
constexpr double bits_a_byte = 8;

struct NumberAndUnit {
  double number;
  std::string_view unit;
};

std::optional<NumberAndUnit> split_number(std::string_view text) {
  double number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc{} || !std::isfinite(number)) return std::nullopt;
  return NumberAndUnit{number, text.substr(static_cast<std::size_t>(rest - text.data()))};
}

}  // namespace

std::optional<double> parse_rate(std::string_view text) {
  const auto parts = split_number(text);
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

std::optional<double> parse_latency(std::string_view text) {
  const auto parts = split_number(text);
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

#include "tables/schema.hpp"

#include <optional>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/number_text.hpp"
#include "core/time_text.hpp"

namespace haloedge {

namespace {

template <class Number>
Value value_of_number(const std::optional<Number>& number, std::string_view text) {
  if (!number) throw Error(fmt::format("'{}' is not a number", text));
  return *number;
}

}  // namespace

std::string text_of_value(ColumnType type, const Value& value) {
  if (std::holds_alternative<std::monostate>(value)) return "";
  switch (type) {
    case ColumnType::text:
      break;
    case ColumnType::integer:
      return fmt::format("{}", std::get<std::int64_t>(value));
    case ColumnType::real:
      return fmt::format("{}", std::get<double>(value));  // the shortest text that is read back as the same number
    case ColumnType::time:
      return time_text(std::get<std::int64_t>(value));
    case ColumnType::hash:
      return fmt::format("{:016x}", std::get<std::uint64_t>(value));
  }
  return std::string(std::get<std::string_view>(value));
}

Value value_of_text(ColumnType type, std::string_view text) {
  switch (type) {
    case ColumnType::text:
      break;
    case ColumnType::integer:
      return value_of_number(parse_number<std::int64_t>(text), text);
    case ColumnType::real:
      return value_of_number(parse_real(text), text);
    case ColumnType::time: {
      const auto time = parse_time(text);
      if (!time) throw Error(fmt::format("'{}' is not a time like {}", text, time_text(0)));
      return *time;
    }
    case ColumnType::hash:
      return value_of_number(parse_number<std::uint64_t>(text, 16), text);
  }
  return text;
}

}  // namespace haloedge

#include "tables/table.hpp"

#include <algorithm>
#include <span>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/number_text.hpp"
#include "tables/table_backends.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

void write_csv_table(const fs::path& path, const TableLayout& layout, const TableRows& rows) {
  const std::vector<ColumnInfo>& columns = layout.columns;
  const auto separator = [&](std::size_t column) { return column + 1 < columns.size() ? ',' : '\n'; };
  std::string text;
  for (std::size_t i = 0; i < columns.size(); ++i) (text += columns[i].name) += separator(i);
  for (std::size_t row = 0; row < rows.count; ++row) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      (text += csv_field(text_of_value(columns[i].type, rows.value(row, i)))) += separator(i);
    }
  }
  write_text_file(path, text);
}

/// Returns the error for a CSV file whose first line has these names, which are not those of the columns.
Error wrong_header(const fs::path& path, const TableLayout& layout, const std::vector<std::string>& fields) {
  std::vector<std::string_view> names(layout.columns.size());
  std::ranges::transform(layout.columns, names.begin(), &ColumnInfo::name);
  const std::span telling = std::span(names).first(telling_columns);
  if (fields.size() < telling.size() || !std::equal(telling.begin(), telling.end(), fields.begin())) {
    return not_a_table(path, layout, fmt::format("its first line is not '{},...'", fmt::join(telling, ",")));
  }
  return other_version(path, layout, fmt::format("its first line is not '{}'", fmt::join(names, ",")));
}

void read_csv_table(const fs::path& path, const TableLayout& layout, const AddRow& add) {
  const std::vector<ColumnInfo>& columns = layout.columns;
  const std::string text = read_text_file(path);
  CsvReader reader(text);
  std::vector<std::string> fields;
  if (!reader.next_line(fields) || !std::ranges::equal(fields, columns, {}, {}, &ColumnInfo::name)) {
    throw wrong_header(path, layout, fields);
  }
  while (reader.next_line(fields)) {
    if (fields.size() == 1 && fields.front().empty()) continue;
    add([&](std::size_t column) {
      if (fields.size() != columns.size()) {
        throw Error(fmt::format("it has {} fields, not {}", fields.size(), columns.size()));
      }
      return value_of_text(columns[column].type, fields[column]);
    });
  }
}

struct Format {
  void (*write)(const fs::path& path, const TableLayout& layout, const TableRows& rows);
  void (*read)(const fs::path& path, const TableLayout& layout, const AddRow& add);
};

Format format_of(const fs::path& path, const TableLayout& layout) {
  const std::string ending = name_ending(path);
  if (ending == ".csv") return {write_csv_table, read_csv_table};
  if (is_sqlite_name(path)) return {write_sqlite_table, read_sqlite_table};
  if (ending == ".h5" || ending == ".hdf5") return {write_hdf5_table, read_hdf5_table};
  throw UsageError(fmt::format("{}: the name of a table of {} must end in .csv, .sqlite, .db, .h5 or .hdf5",
                               path.string(), layout.contents));
}

}  // namespace

std::string text_of_value(ColumnType type, const Value& value) {
  if (std::holds_alternative<std::monostate>(value)) return "";
  switch (type) {
    case ColumnType::text: break;
    case ColumnType::integer: return fmt::format("{}", std::get<std::int64_t>(value));
    case ColumnType::real:
      return fmt::format("{}", std::get<double>(value));  // the shortest text that is read back as the same number
    case ColumnType::time: return time_text(std::get<std::int64_t>(value));
    case ColumnType::hash: return fmt::format("{:016x}", std::get<std::uint64_t>(value));
  }
  return std::string(std::get<std::string_view>(value));
}

Value value_of_text(ColumnType type, std::string_view text) {
  const auto number = [text](const auto& parsed) -> Value {
    if (!parsed) throw Error(fmt::format("'{}' is not a number", text));
    return *parsed;
  };
  switch (type) {
    case ColumnType::text: break;
    case ColumnType::integer: return number(parse_number<std::int64_t>(text));
    case ColumnType::real: return number(parse_number<double>(text));
    case ColumnType::time: {
      const auto time = parse_time(text);
      if (!time) throw Error(fmt::format("'{}' is not a time like {}", text, time_text(0)));
      return *time;
    }
    case ColumnType::hash: return number(parse_number<std::uint64_t>(text, 16));
  }
  return text;
}

Error not_a_table(const fs::path& path, const TableLayout& layout, std::string_view why) {
  return Error(
      fmt::format("{}: is not a table of {}{}{}", path.string(), layout.contents, why.empty() ? "" : ": ", why));
}

Error other_version(const fs::path& path, const TableLayout& layout, std::string_view why) {
  return Error(
      fmt::format("{}: is a table of {} of another version of haloedge ({}): make it again with {} --overwrite",
                  path.string(), layout.contents, why, layout.command));
}

void check_table_name(const fs::path& path, const TableLayout& layout) { (void)format_of(path, layout); }

void write_table(const fs::path& path, const TableLayout& layout, const TableRows& rows) {
  format_of(path, layout).write(path, layout, rows);
}

void read_table(const fs::path& path, const TableLayout& layout, const AddRow& add) {
  const Format format = format_of(path, layout);
  check_regular_file(path);
  (void)File::open_to_read(path);  // so that the message about a missing file does not depend on its format
  std::size_t number = 0;
  format.read(path, layout, [&](const RowValues& values) {
    ++number;
    try {
      add(values);
    } catch (const Error& error) {
      throw Error(fmt::format("{}: image {}: {}", path.string(), number, error.what()));
    }
  });
}

}  // namespace haloedge

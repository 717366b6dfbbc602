#include <algorithm>

#include <fmt/format.h>

#include "core/fields.hpp"
#include "core/whole_file.hpp"
#include "tables/table_backends.hpp"

namespace haloedge {

void write_csv_table(const std::filesystem::path& path, const TableLayout& layout, const TableRows& rows) {
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

void read_csv_table(const std::filesystem::path& path, const TableLayout& layout, const AddRow& add) {
  const std::vector<ColumnInfo>& columns = layout.columns;
  const std::string text = read_text_file(path);
  CsvReader reader(text);
  std::vector<std::string> fields;
  const auto is_name = [](const std::string& field, const ColumnInfo& column) { return field == column.name; };
  if (!reader.next_line(fields) || !std::equal(fields.begin(), fields.end(), columns.begin(), columns.end(), is_name)) {
    throw not_a_table(
        path, layout,
        fmt::format("its first line is not '{},{},{},...'", columns[0].name, columns[1].name, columns[2].name));
  }
  while (reader.next_line(fields)) {
    if (fields.size() == 1 && fields.front().empty()) continue;
    add([&](std::size_t column) {
      if (fields.size() != columns.size()) {
        throw Error(fmt::format("{} fields, not {}", fields.size(), columns.size()));
      }
      return value_of_text(columns[column].type, fields[column]);
    });
  }
}

}  // namespace haloedge

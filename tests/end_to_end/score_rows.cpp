#include "score_rows.hpp"

#include <fmt/format.h>

#include "formats/sqlite_handle.hpp"

namespace haloedge {

namespace {

std::string value_text(const SqliteStatement& row, int column) {
  if (row.is_null(column)) return "NULL";
  if (const auto number = row.number(column)) return std::to_string(*number);
  if (const auto number = row.real(column)) return fmt::format("{}", *number);
  return row.text(column);
}

}  // namespace

std::map<std::string, std::string> score_rows(const std::filesystem::path& table) {
  SqliteDatabase database(table, SqliteDatabase::Access::change, table.string());
  SqliteStatement select(
      database,
      "SELECT path, score, edge_density, gradient_mean, entropy, width, height, bytes, modified, error FROM images");
  std::map<std::string, std::string> rows;
  while (select.step()) {
    std::string& text = rows[select.text(0)];
    for (int column = 1; column < 10; ++column) text += value_text(select, column) + '|';
  }
  return rows;
}

std::string first_value(const std::filesystem::path& table, const std::string& query) {
  SqliteDatabase database(table, SqliteDatabase::Access::change, table.string());
  SqliteStatement select(database, query);
  return select.step() ? value_text(select, 0) : "no row";
}

}  // namespace haloedge

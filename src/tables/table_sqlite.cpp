#include <span>

#include <fmt/ranges.h>

#include "core/file.hpp"
#include "tables/table_backends.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

const char* sql_type(ColumnType type) {
  return type == ColumnType::integer ? "INTEGER" : type == ColumnType::real ? "REAL" : "TEXT";
}

void fill(SqliteDatabase& database, const TableLayout& layout, const TableRows& rows) {
  // The file is not visible before it is complete, so no journal is needed to undo changes.
  database.execute("PRAGMA journal_mode = OFF; BEGIN");
  database.execute(fmt::format("PRAGMA user_version = {}", layout.version).c_str());
  database.execute(fmt::format("CREATE TABLE images ({})", fmt::join(sql_columns(layout.columns), ", ")).c_str());
  const std::vector<char> parameters(layout.columns.size(), '?');
  SqliteRowWriter writer(database, fmt::format("INSERT INTO images VALUES ({})", fmt::join(parameters, ", ")),
                         layout.columns);
  for (std::size_t row = 0; row < rows.count; ++row) {
    writer.write([&](std::size_t column) { return rows.value(row, column); });
  }
  database.execute("COMMIT");
}

/// Returns true if the table `images` has all these columns.
bool has_columns(const SqliteDatabase& database, std::span<const std::string_view> names) {
  SqliteStatement known(database, fmt::format("SELECT count(*) FROM pragma_table_info('images') WHERE name IN ('{}')",
                                              fmt::join(names, "', '")));
  known.step();
  return known.number(0) == std::ssize(names);
}

/// Reads a value of the current row. If it is a text, `text` holds its bytes.
Value read_value(const SqliteStatement& select, int place, const ColumnInfo& column, std::string& text) {
  if (column.type == ColumnType::integer) {
    if (const auto number = select.number(place)) return *number;
  } else if (column.type == ColumnType::real) {
    if (const auto number = select.real(place)) return *number;
  } else {
    text = select.text(place);
    return value_of_text(column.type, text);
  }
  throw Error(fmt::format("'{}' in the column {} is not a number", select.text(place), column.name));
}

}  // namespace

std::vector<std::string> sql_columns(const std::vector<ColumnInfo>& columns) {
  std::vector<std::string> texts;
  for (const ColumnInfo& column : columns) {
    // SQLite stores a real number that is not a number as NULL.
    const bool may_be_null = column.empty_on_error || column.type == ColumnType::real;
    texts.push_back(fmt::format("{} {}{}{}", column.name, sql_type(column.type), may_be_null ? "" : " NOT NULL",
                                texts.empty() ? " PRIMARY KEY" : ""));
  }
  return texts;
}

void SqliteRowWriter::write(const RowValues& values) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const int parameter = static_cast<int>(i) + 1;
    const Value value = values(i);
    if (std::holds_alternative<std::monostate>(value)) {
      statement_.bind_null(parameter);
    } else if (columns_[i].type == ColumnType::integer) {
      statement_.bind(parameter, std::get<std::int64_t>(value));
    } else if (columns_[i].type == ColumnType::real) {
      statement_.bind(parameter, std::get<double>(value));
    } else {
      texts_[i] = text_of_value(columns_[i].type, value);
      statement_.bind(parameter, texts_[i]);
    }
  }
  statement_.step();
}

void write_sqlite_table(const fs::path& path, const TableLayout& layout, const TableRows& rows) {
  PartialFile partial(path);
  {
    SqliteDatabase database(partial_path(path), SqliteDatabase::Access::create, path.string());
    fill(database, layout, rows);
  }
  // SQLite would apply journals that a killed program left beside the replaced table to the new one.
  remove_sqlite_journals(path);
  partial.commit();
}

void read_sqlite_table(const fs::path& path, const TableLayout& layout, const AddRow& add) {
  const SqliteDatabase database(path, SqliteDatabase::Access::read, path.string());
  std::vector<std::string_view> names;
  for (const ColumnInfo& column : layout.columns) names.push_back(column.name);
  if (!has_columns(database, std::span(names).first(telling_columns))) throw not_a_table(path, layout);
  SqliteStatement version(database, "PRAGMA user_version");
  version.step();
  if (const auto found = version.number(0); found != layout.version) {
    throw other_version(path, layout, fmt::format("its user_version is {}, not {}", found.value_or(0), layout.version));
  }
  if (!has_columns(database, names)) throw not_a_table(path, layout);
  SqliteStatement select(database, fmt::format("SELECT {} FROM images ORDER BY rowid", fmt::join(names, ", ")));
  std::vector<std::string> texts(names.size());
  while (select.step()) {
    add([&](std::size_t i) { return read_value(select, static_cast<int>(i), layout.columns[i], texts[i]); });
  }
}

}  // namespace haloedge

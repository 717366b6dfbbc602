// The formats of tables, for the files of src/tables/ alone.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "formats/sqlite_handle.hpp"
#include "tables/table.hpp"

namespace haloedge {

void write_sqlite_table(const std::filesystem::path& path, const TableLayout& layout, const TableRows& rows);
void read_sqlite_table(const std::filesystem::path& path, const TableLayout& layout, const AddRow& add);

void write_hdf5_table(const std::filesystem::path& path, const TableLayout& layout, const TableRows& rows);
void read_hdf5_table(const std::filesystem::path& path, const TableLayout& layout, const AddRow& add);

/// Returns the error that says that the file is not a table of this kind, and why, if that helps users.
[[nodiscard]] Error not_a_table(const std::filesystem::path& path, const TableLayout& layout,
                                std::string_view why = "");

/// A file whose first columns are these many of the layout is a table of these rows, maybe of another version.
inline constexpr std::size_t telling_columns = 3;

/// Returns the error for a table of these rows that is of another version, as `why` says.
[[nodiscard]] Error other_version(const std::filesystem::path& path, const TableLayout& layout, std::string_view why);

/// Returns the columns as CREATE TABLE takes them: "path TEXT NOT NULL PRIMARY KEY", "score REAL".
[[nodiscard]] std::vector<std::string> sql_columns(const std::vector<ColumnInfo>& columns);

/// Inserts rows into a table of an SQLite database by a statement with a parameter for each column. Throws Error as the
/// database does.
class SqliteRowWriter {
 public:
  SqliteRowWriter(const SqliteDatabase& database, std::string_view sql, const std::vector<ColumnInfo>& columns)
      : statement_(database, sql), columns_(columns), texts_(columns.size()) {}

  void write(const RowValues& values);

 private:
  SqliteStatement statement_;
  const std::vector<ColumnInfo>& columns_;
  std::vector<std::string> texts_;  ///< texts that are bound, one for each column
};

}  // namespace haloedge

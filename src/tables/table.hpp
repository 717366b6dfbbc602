#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "tables/schema.hpp"

namespace haloedge {

/// The marks of a file that tell one kind of table from other files.
struct TableLayout {
  std::string_view contents;          ///< a name for the rows, for messages: "hashes"
  const char* hdf5_attribute;         ///< the attribute of an HDF5 file that holds the version
  std::int64_t version = 1;           ///< also the user_version of an SQLite database
  std::vector<ColumnInfo> columns{};  ///< the first one is the key: no two rows have the same value there
};

/// Rows to be written, without their type. `value` returns the value of a row in a column, both given by their index.
struct TableRows {
  std::size_t count = 0;
  std::function<Value(std::size_t row, std::size_t column)> value;
};

/// The values of one row, by the index of the column.
using RowValues = std::function<Value(std::size_t column)>;

// These functions do the work of Table. They do not know the type of the rows.
void check_table_name(const std::filesystem::path& path, const TableLayout& layout);
void write_table(const std::filesystem::path& path, const TableLayout& layout, const TableRows& rows);
void read_table(const std::filesystem::path& path, const TableLayout& layout,
                const std::function<void(const RowValues&)>& add);

/// Tables of rows with one schema, in files whose format follows from the ending of their name:
///
/// - .csv: quotes as in RFC 4180 where a field needs them. The first line names the columns.
/// - .sqlite, .db: a table `images`. Times and hashes are texts, and a missing value is NULL. A text that is not valid
///   UTF-8 is a BLOB.
/// - .h5, .hdf5: one dataset for each column. Texts have variable lengths, times are texts, and hashes are 64-bit
///   numbers. A missing value is 0 or an empty text.
template <class Row>
class Table {
 public:
  /// `check` throws Error for a row that cannot be right.
  Table(TableLayout layout, Schema<Row> schema, std::function<void(const Row&)> check)
      : layout_(std::move(layout)), schema_(std::move(schema)), check_(std::move(check)) {
    layout_.columns = schema_.columns();
  }

  /// Throws UsageError unless the name has one of the endings above.
  void check_name(const std::filesystem::path& path) const { check_table_name(path, layout_); }

  /// Writes the rows. Equal rows make equal files. The file appears under its name when it is complete. Throws Error,
  /// and UsageError as check_name().
  void write(const std::filesystem::path& path, const std::vector<Row>& rows) const {
    write_table(path, layout_,
                {rows.size(), [&](std::size_t row, std::size_t column) { return schema_.value(rows[row], column); }});
  }

  /// Reads all rows, in their order. Throws Error, which names the file and, if a row is damaged, its image;
  /// UsageError as check_name().
  [[nodiscard]] std::vector<Row> read(const std::filesystem::path& path) const {
    std::vector<Row> rows;
    read_table(path, layout_, [&](const RowValues& values) {
      Row& row = rows.emplace_back();
      schema_.fill(row, values);
      check_(row);
    });
    return rows;
  }

 private:
  TableLayout layout_;
  Schema<Row> schema_;
  std::function<void(const Row&)> check_;
};

}  // namespace haloedge

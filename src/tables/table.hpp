#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "core/encoding.hpp"

namespace haloedge {

/// The types of the values in a column.
enum class ColumnType : std::uint8_t {
  text,     ///< std::string: any bytes but NUL
  integer,  ///< std::int64_t; a bool is 0 or 1
  real,     ///< double
  time,     ///< std::int64_t, nanoseconds since 1970, which files store as time_text()
  hash,     ///< std::uint64_t, which texts show as 16 hexadecimal digits
};

/// One value of a row, or std::monostate if the row has none. A text is a view into the row or the file it comes from.
using Value = std::variant<std::monostate, std::string_view, std::int64_t, std::uint64_t, double>;

/// A column, without the type of the rows that it belongs to.
struct ColumnInfo {
  std::string_view name;
  ColumnType type = ColumnType::text;
  bool empty_on_error = false;  ///< a row with an error has no value here
};

/// Converts a value to text, and back. The text of a missing value is empty. Numbers come back unchanged.
/// value_of_text() throws Error if the text is not a value of the type.
[[nodiscard]] std::string text_of_value(ColumnType type, const Value& value);
[[nodiscard]] Value value_of_text(ColumnType type, std::string_view text);

/// A column of rows of the type `Row`.
template <class Row>
struct Column : ColumnInfo {
  std::function<Value(const Row&)> get;
  std::function<void(Row&, const Value&)> set;

  /// Returns this column, which then has no values in rows that have an error.
  [[nodiscard]] Column without_errors() && {
    empty_on_error = true;
    return std::move(*this);
  }
  /// Returns this column, whose numbers are then nanoseconds since 1970.
  [[nodiscard]] Column as_time() && {
    type = ColumnType::time;
    return std::move(*this);
  }
};

/// Returns the member that is reached from `object` by `first`, then `rest`: pointers to members, or functions that
/// return references.
template <class Object, class First, class... Rest>
[[nodiscard]] auto& member_of(Object& object, const First& first, const Rest&... rest) {
  if constexpr (sizeof...(rest) == 0) {
    return std::invoke(first, object);
  } else {
    return member_of(std::invoke(first, object), rest...);
  }
}

/// Makes a column of a member of the rows, which is given as in member_of(), as in
/// `column("bytes", &HashedImage::file, &ImageFile::bytes)`. The type of the member decides the type of the column.
template <class Row, class Member, class... Rest>
[[nodiscard]] Column<Row> column(std::string_view name, Member Row::*first, Rest... rest) {
  using Type = std::remove_cvref_t<decltype(member_of(std::declval<Row&>(), first, rest...))>;
  constexpr bool is_text = std::is_same_v<Type, std::string>;
  using Number = std::conditional_t<std::is_same_v<Type, bool>, std::int64_t, Type>;
  using Stored = std::conditional_t<is_text, std::string_view, Number>;
  Column<Row> made;
  made.name = name;
  made.type = is_text                               ? ColumnType::text
              : std::is_same_v<Type, double>        ? ColumnType::real
              : std::is_same_v<Type, std::uint64_t> ? ColumnType::hash
                                                    : ColumnType::integer;
  made.get = [=](const Row& row) { return Value(Stored(member_of(row, first, rest...))); };
  made.set = [=](Row& row, const Value& value) { member_of(row, first, rest...) = Type(std::get<Stored>(value)); };
  return made;
}

/// The columns of rows: in tables, in messages between ranks, in journals. `Row` has a member `error`, a text that says
/// why there are no values in the columns without_errors(); it is empty if there are values.
template <class Row>
class Schema {
 public:
  Schema(std::vector<Column<Row>> columns) : columns_(std::move(columns)) {  // NOLINT(google-explicit-constructor)
    for (const ColumnInfo& column : columns_) infos_.push_back(column);
  }

  [[nodiscard]] const std::vector<ColumnInfo>& columns() const { return infos_; }

  [[nodiscard]] Value value(const Row& row, std::size_t column) const {
    return is_missing(row, columns_[column]) ? Value() : columns_[column].get(row);
  }

  /// Sets each column of `row` to value_of(column), where `column` is its index. Texts come first: one of them is the
  /// error, which says whether other columns have values. Throws what `value_of` throws.
  template <class ValueOf>
  void fill(Row& row, const ValueOf& value_of) const {
    for (const bool texts : {true, false}) {
      for (std::size_t i = 0; i < columns_.size(); ++i) {
        const Column<Row>& column = columns_[i];
        if ((column.type == ColumnType::text) != texts || is_missing(row, column)) continue;
        column.set(row, value_of(i));
      }
    }
  }

  /// Returns the values of a row as texts, which text_of_value() makes.
  [[nodiscard]] std::vector<std::string> texts(const Row& row) const {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < columns_.size(); ++i) texts.push_back(text_of_value(columns_[i].type, value(row, i)));
    return texts;
  }
  /// Fills a row with values as texts() has them, one for each column. Throws Error if one is not of its column's type.
  template <class Text>
  void fill_from_texts(Row& row, const std::vector<Text>& texts) const {
    fill(row, [&](std::size_t i) { return value_of_text(columns_[i].type, texts.at(i)); });
  }

 private:
  [[nodiscard]] static bool is_missing(const Row& row, const ColumnInfo& column) {
    return column.empty_on_error && !row.error.empty();
  }

  std::vector<Column<Row>> columns_;
  std::vector<ColumnInfo> infos_;
};

/// Adds a row to a message or record, a field for each column.
template <class Row>
void add_row(FieldWriter& fields, const Schema<Row>& schema, const Row& row) {
  for (const std::string& text : schema.texts(row)) fields.add(text);
}

/// Takes the next row from a message or record. Throws Error.
template <class Row>
[[nodiscard]] Row next_row(FieldReader& fields, const Schema<Row>& schema) {
  std::vector<std::string_view> texts;
  for (std::size_t i = 0; i < schema.columns().size(); ++i) texts.push_back(fields.next());
  Row row;
  schema.fill_from_texts(row, texts);
  return row;
}

/// The properties by which a file is recognised as one kind of table.
struct TableLayout {
  std::string_view contents;          ///< a name for the rows, for messages: "hashes"
  const char* hdf5_attribute;         ///< the attribute of an HDF5 file that holds the version
  std::string_view command;           ///< the command that writes such tables, for messages
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

/// Takes the rows of a table that is being read. An Error that it throws, or that `values` throws, is about this row.
using AddRow = std::function<void(const RowValues& values)>;

// These functions do the work of Table. They do not know the type of the rows.
void check_table_name(const std::filesystem::path& path, const TableLayout& layout);
void write_table(const std::filesystem::path& path, const TableLayout& layout, const TableRows& rows);
void read_table(const std::filesystem::path& path, const TableLayout& layout, const AddRow& add);

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
  /// `check` throws Error for a row whose values are impossible.
  Table(TableLayout layout, Schema<Row> schema, std::function<void(const Row&)> check)
      : layout_(std::move(layout)), schema_(std::move(schema)), check_(std::move(check)) {
    layout_.columns = schema_.columns();
  }

  [[nodiscard]] std::int64_t version() const { return layout_.version; }

  /// Throws UsageError unless the name has one of the endings above.
  void check_name(const std::filesystem::path& path) const { check_table_name(path, layout_); }

  /// Writes the rows. Equal rows make equal files. The file appears under its name when it is complete. Throws Error,
  /// and UsageError as check_name().
  void write(const std::filesystem::path& path, const std::vector<Row>& rows) const {
    write_table(path, layout_,
                {rows.size(), [&](std::size_t row, std::size_t column) { return schema_.value(rows[row], column); }});
  }

  /// Reads all rows, in their order. Throws Error, which names the file and, if a row is damaged, its image, also for a
  /// table of another version; UsageError as check_name().
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

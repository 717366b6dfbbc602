#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <sqlite3.h>

#include "core/error.hpp"

namespace haloedge {

/// True if the name ends as the name of an SQLite database, in small or capital letters: .sqlite, .db.
[[nodiscard]] bool is_sqlite_name(const std::filesystem::path& path);

/// Removes the files that SQLite keeps beside a database while it changes it. Throws Error.
void remove_sqlite_journals(const std::filesystem::path& database);

/// An SQLite database, which the destructor closes. All functions throw Error with the database's name and SQLite's
/// reason, and with advice for a full disk and for a database that another program holds.
class SqliteDatabase {
 public:
  enum class Access : std::uint8_t {
    read,    ///< an existing file
    create,  ///< a new file; one that exists is emptied
    change,  ///< an existing file or a new one; waits some seconds for other programs that write to it
  };

  /// `name` is the database's name in errors.
  SqliteDatabase(const std::filesystem::path& path, Access access, std::string name);
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;
  ~SqliteDatabase() = default;

  [[nodiscard]] sqlite3* get() const { return database_.get(); }
  /// Runs statements that return no rows.
  void execute(const char* sql);
  /// The error that describes the last failed call.
  [[nodiscard]] Error failure() const;

 private:
  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close(database); }
  };

  Access access_;
  std::string name_;
  std::unique_ptr<sqlite3, Close> database_;
};

/// A prepared statement of a database, which must outlive it. Throws Error as the database does.
class SqliteStatement {
 public:
  SqliteStatement(const SqliteDatabase& database, std::string_view sql);

  /// Binds a value to a parameter. Parameters count from 1, and keep their value until another is bound.
  void bind(int parameter, std::int64_t value);
  void bind(int parameter, double value);
  /// Binds a text, as BLOB if it is not valid UTF-8, which other programs would not read as TEXT. The text must outlive
  /// the steps.
  void bind(int parameter, std::string_view text);
  void bind_null(int parameter);

  /// Goes to the next row. Returns false at the end, after which the statement may run again.
  bool step();

  // The columns of the row, which count from 0.
  [[nodiscard]] bool is_null(int column) const;
  /// Nothing if the value is not an integer.
  [[nodiscard]] std::optional<std::int64_t> number(int column) const;
  /// Nothing if the value is not a number.
  [[nodiscard]] std::optional<double> real(int column) const;
  /// The bytes of a TEXT or BLOB; empty for NULL.
  [[nodiscard]] std::string text(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  void check(int result) const;

  const SqliteDatabase* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

}  // namespace haloedge

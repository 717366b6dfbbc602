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

/// An SQLite database, closed when it goes. Everything throws Error with its name and SQLite's reason, and what to do
/// where it is clear: the disk is full, or another program holds the database.
class SqliteDatabase {
 public:
  enum class Access : std::uint8_t {
    read,    ///< a file that is there
    create,  ///< a new file, or the one that is there, emptied
    change,  ///< a file that is there, or a new one; waits some seconds for other programs that are writing to it
  };

  /// `name` is what errors call it.
  SqliteDatabase(const std::filesystem::path& path, Access access, std::string name);
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;
  ~SqliteDatabase() = default;

  [[nodiscard]] sqlite3* get() const { return database_.get(); }
  /// Runs statements that give no rows.
  void execute(const char* sql);
  /// What SQLite says of the last failed call.
  [[nodiscard]] Error failure() const;

 private:
  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close(database); }
  };

  Access access_;
  std::string name_;
  std::unique_ptr<sqlite3, Close> database_;
};

/// One prepared statement of a database, which must outlive it. Throws Error as the database does.
class SqliteStatement {
 public:
  SqliteStatement(const SqliteDatabase& database, std::string_view sql);

  /// Values for the statement's parameters, which count from 1 and keep them until others are bound.
  void bind(int parameter, std::int64_t value);
  void bind(int parameter, double value);
  /// A BLOB where the text is not valid UTF-8, which other programs would not read as TEXT. It must outlive the steps.
  void bind(int parameter, std::string_view text);
  void bind_null(int parameter);

  /// Goes to the next row; false at the end, after which the statement may run again.
  bool step();

  /// The row's columns, which count from 0.
  [[nodiscard]] bool is_null(int column) const;
  /// Nothing for what is no whole number.
  [[nodiscard]] std::optional<std::int64_t> number(int column) const;
  /// Nothing for what is no number.
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

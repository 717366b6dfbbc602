#include "formats/sqlite_handle.hpp"

#include <utility>

#include <fmt/format.h>

#include "core/encoding.hpp"
#include "core/file.hpp"

namespace haloedge {

namespace {

/// The longest wait for another program that is writing to the database.
constexpr int busy_milliseconds = 10'000;

int open_flags(SqliteDatabase::Access access) {
  if (access == SqliteDatabase::Access::read) return SQLITE_OPEN_READONLY;
  if (access == SqliteDatabase::Access::create) return SQLITE_OPEN_READWRITE;
  return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
}

/// The reason as the operating system gives it, or what the user can do; empty if there is only SQLite's own message.
std::string advice(sqlite3* database) {
  const int code = sqlite3_errcode(database);
  if (code == SQLITE_BUSY) return ": another program is writing to it: wait until it has ended";
  if (code == SQLITE_FULL) return ": free some space on the disk";
  if (code != SQLITE_IOERR && code != SQLITE_CANTOPEN) return "";
  const int system_error = sqlite3_system_errno(database);
  return system_error == 0 ? "" : ": " + errno_text(system_error);
}

}  // namespace

bool is_sqlite_name(const std::filesystem::path& path) {
  const std::string ending = name_ending(path);
  return ending == ".sqlite" || ending == ".db";
}

void remove_sqlite_journals(const std::filesystem::path& database) {
  for (const char* ending : {"-journal", "-wal", "-shm"}) remove_file(database.string() + ending);
}

SqliteDatabase::SqliteDatabase(const std::filesystem::path& path, Access access, std::string name)
    : access_(access), name_(std::move(name)) {
  if (access == Access::create) (void)File::create(path);  // SQLite takes an empty file for a new database
  sqlite3* database = nullptr;
  // The path is absolute because some names (":memory:") have a special meaning for SQLite.
  const int result = sqlite3_open_v2(std::filesystem::absolute(path).c_str(), &database, open_flags(access), nullptr);
  database_.reset(database);
  if (result != SQLITE_OK) throw failure();
  if (access != Access::change) return;
  sqlite3_busy_timeout(get(), busy_milliseconds);
  // Otherwise the last connection that closes would lock readers out for a moment.
  sqlite3_db_config(get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

void SqliteDatabase::execute(const char* sql) {
  if (sqlite3_exec(get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) throw failure();
}

Error SqliteDatabase::failure() const {
  const char* action = access_ == Access::read ? "read" : "written";
  return Error(
      fmt::format("{}: the SQLite database cannot be {}: {}{}", name_, action, sqlite3_errmsg(get()), advice(get())));
}

SqliteStatement::SqliteStatement(const SqliteDatabase& database, std::string_view sql) : database_(&database) {
  sqlite3_stmt* statement = nullptr;
  check(sqlite3_prepare_v2(database.get(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr));
  statement_.reset(statement);
}

void SqliteStatement::check(int result) const {
  if (result != SQLITE_OK) throw database_->failure();
}

void SqliteStatement::bind(int parameter, std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), parameter, value));
}

void SqliteStatement::bind(int parameter, double value) {
  check(sqlite3_bind_double(statement_.get(), parameter, value));
}

void SqliteStatement::bind(int parameter, std::string_view text) {
  const sqlite3_destructor_type kept_by_caller = SQLITE_STATIC;
  // SQLite would bind NULL for a null pointer.
  const char* data = text.data() == nullptr ? "" : text.data();
  check(is_utf8(text) ? sqlite3_bind_text64(statement_.get(), parameter, data, text.size(), kept_by_caller, SQLITE_UTF8)
                      : sqlite3_bind_blob64(statement_.get(), parameter, data, text.size(), kept_by_caller));
}

void SqliteStatement::bind_null(int parameter) { check(sqlite3_bind_null(statement_.get(), parameter)); }

bool SqliteStatement::step() {
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result != SQLITE_DONE) throw database_->failure();
  check(sqlite3_reset(statement_.get()));
  return false;
}

bool SqliteStatement::is_null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }

std::optional<std::int64_t> SqliteStatement::number(int column) const {
  if (sqlite3_column_type(statement_.get(), column) != SQLITE_INTEGER) return std::nullopt;
  return sqlite3_column_int64(statement_.get(), column);
}

std::optional<double> SqliteStatement::real(int column) const {
  const int type = sqlite3_column_type(statement_.get(), column);
  if (type != SQLITE_FLOAT && type != SQLITE_INTEGER) return std::nullopt;
  return sqlite3_column_double(statement_.get(), column);
}

std::string SqliteStatement::text(int column) const {
  const void* data = sqlite3_column_type(statement_.get(), column) == SQLITE_BLOB
                         ? sqlite3_column_blob(statement_.get(), column)
                         : static_cast<const void*>(sqlite3_column_text(statement_.get(), column));
  if (data == nullptr) return "";
  return {static_cast<const char*>(data), static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

}  // namespace haloedge

#include "tables/score_table.hpp"

#include <chrono>

#include <fmt/ranges.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/number_text.hpp"
#include "tables/table_backends.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t layout_version = 1;

std::string sql_to_make_tables() {
  std::string columns;
  for (const std::string& column : sql_columns(score_columns().columns())) {
    // SQLite keeps this text in the database. Its line break stays where earlier versions had it.
    const char* separator = column.starts_with("width ") ? ",\n  " : ", ";
    columns += (columns.empty() ? "" : separator) + column;
  }
  return fmt::format(R"(
CREATE TABLE IF NOT EXISTS images (
  {});
CREATE TABLE IF NOT EXISTS runs (
  id INTEGER PRIMARY KEY, command_line TEXT NOT NULL, version TEXT NOT NULL, options TEXT NOT NULL,
  started TEXT NOT NULL, ended TEXT, ranks INTEGER NOT NULL, images INTEGER NOT NULL, failed INTEGER NOT NULL);
)",
                     columns);
}

/// Returns the statement that inserts a row, or replaces the row that has its path.
std::string sql_to_put_row() {
  std::vector<std::string_view> names;
  std::vector<std::string> changes;
  for (const ColumnInfo& column : score_columns().columns()) {
    names.push_back(column.name);
    changes.push_back(fmt::format("{0} = excluded.{0}", column.name));
  }
  const std::vector<char> parameters(names.size(), '?');
  return fmt::format("INSERT INTO images ({}) VALUES ({}) ON CONFLICT (path) DO UPDATE SET {}", fmt::join(names, ", "),
                     fmt::join(parameters, ", "), fmt::join(changes, ", "));
}

std::string now_text() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return time_text(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

std::optional<std::int64_t> first_number(const SqliteDatabase& database, const char* sql) {
  SqliteStatement statement(database, sql);
  return statement.step() ? statement.number(0) : std::nullopt;
}

std::unique_ptr<SqliteDatabase> open_to_change(const fs::path& path) {
  return std::make_unique<SqliteDatabase>(path, SqliteDatabase::Access::change, path.string());
}

}  // namespace

void ScoreTable::check_name() const {
  if (!is_sqlite_name(path_)) {
    throw UsageError(
        fmt::format("{}: scores go into an SQLite database, whose name ends in .sqlite or .db", path_.string()));
  }
}

void ScoreTable::remove() const {
  remove_file(path_);
  remove_sqlite_journals(path_);
}

std::unique_ptr<SqliteDatabase> ScoreTable::open() const {
  if (!fs::exists(path_)) return nullptr;
  std::unique_ptr<SqliteDatabase> database = open_to_change(path_);
  // A run that is killed at its very beginning leaves a database without tables.
  if (first_number(*database, "SELECT count(*) FROM sqlite_master") == 0) return nullptr;
  const auto version = first_number(*database, "PRAGMA user_version");
  const auto tables =
      first_number(*database, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('images', 'runs')");
  if (version != layout_version || tables != 2) {
    throw Error(
        fmt::format("{}: is not a table of scores that this program can continue: give another name, or use "
                    "--overwrite to replace it",
                    path_.string()));
  }
  return database;
}

std::optional<std::string> ScoreTable::options() const {
  const std::unique_ptr<SqliteDatabase> database = open();
  if (!database) return std::nullopt;
  SqliteStatement select(*database, "SELECT options FROM runs ORDER BY id DESC LIMIT 1");
  if (!select.step()) return std::nullopt;
  return select.text(0);
}

std::vector<ImageFile> ScoreTable::scored() const {
  std::vector<ImageFile> files;
  const std::unique_ptr<SqliteDatabase> database = open();
  if (!database) return files;
  SqliteStatement select(*database, "SELECT path, bytes, modified FROM images WHERE error = '' AND score IS NOT NULL");
  while (select.step()) {
    const auto bytes = select.number(1);
    const auto modified = parse_time(select.text(2));
    // A row with other values was not written by this program.
    if (bytes && modified) files.push_back({.path = select.text(0), .bytes = *bytes, .modified = *modified});
  }
  return files;
}

std::int64_t ScoreTable::begin_run(const ScoreRun& run) const {
  const std::unique_ptr<SqliteDatabase> database = open_to_change(path_);
  database->execute("PRAGMA journal_mode = WAL");
  database->execute("BEGIN IMMEDIATE");
  database->execute(sql_to_make_tables().c_str());
  database->execute(fmt::format("PRAGMA user_version = {}", layout_version).c_str());
  SqliteStatement insert(*database,
                         "INSERT INTO runs (command_line, version, options, started, ranks, images, failed)"
                         " VALUES (?, ?, ?, ?, ?, 0, 0)");
  const std::string started = now_text();
  insert.bind(1, run.command_line);
  insert.bind(2, run.version);
  insert.bind(3, run.options);
  insert.bind(4, started);
  insert.bind(5, static_cast<std::int64_t>(run.ranks));
  insert.step();
  database->execute("COMMIT");
  return sqlite3_last_insert_rowid(database->get());
}

void ScoreTable::write(std::int64_t run, std::span<const ScoredImage> rows) const {
  const std::unique_ptr<SqliteDatabase> database = open_to_change(path_);
  database->execute("BEGIN IMMEDIATE");
  const Schema<ScoredImage>& schema = score_columns();
  SqliteRowWriter writer(*database, sql_to_put_row(), schema.columns());
  std::int64_t failed = 0;
  for (const ScoredImage& row : rows) {
    writer.write([&](std::size_t column) { return schema.value(row, column); });
    failed += row.error.empty() ? 0 : 1;
  }
  SqliteStatement count(*database, "UPDATE runs SET images = images + ?, failed = failed + ? WHERE id = ?");
  count.bind(1, std::ssize(rows));
  count.bind(2, failed);
  count.bind(3, run);
  count.step();
  database->execute("COMMIT");
}

void ScoreTable::checkpoint() const {
  const std::unique_ptr<SqliteDatabase> database = open_to_change(path_);
  try {
    database->execute("PRAGMA journal_mode = DELETE");
  } catch (const Error&) {
    // Another program reads the database, so the log stays beside it. Readers that may not write to the folder cannot
    // open the database as long as the log is there.
  }
}

void ScoreTable::end_run(std::int64_t run) const {
  const std::unique_ptr<SqliteDatabase> database = open_to_change(path_);
  SqliteStatement update(*database, "UPDATE runs SET ended = ? WHERE id = ?");
  const std::string ended = now_text();
  update.bind(1, ended);
  update.bind(2, run);
  update.step();
}

}  // namespace haloedge

#include <fmt/format.h>

#include "core/time_text.hpp"
#include "core/whole_file.hpp"
#include "formats/sqlite_handle.hpp"
#include "tables/hash_table_kinds.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t layout_version = 1;

void fill(SqliteDatabase& database, const std::vector<HashedImage>& images) {
  // Nobody sees the file before it is complete: there is nothing to roll back to.
  database.execute("PRAGMA journal_mode = OFF; BEGIN");
  database.execute(fmt::format("PRAGMA user_version = {}", layout_version).c_str());
  database.execute(
      "CREATE TABLE images (path TEXT NOT NULL PRIMARY KEY, hash TEXT, width INTEGER NOT NULL, height INTEGER NOT NULL,"
      " bytes INTEGER NOT NULL, modified TEXT NOT NULL, error TEXT NOT NULL)");
  SqliteStatement insert(database, "INSERT INTO images VALUES (?, ?, ?, ?, ?, ?, ?)");
  for (const HashedImage& image : images) {
    const std::string hash = hash_text(image);
    const std::string modified = time_text(image.file.modified);
    insert.bind(1, image.file.path);
    if (hash.empty()) {
      insert.bind_null(2);
    } else {
      insert.bind(2, hash);
    }
    insert.bind(3, image.width);
    insert.bind(4, image.height);
    insert.bind(5, image.file.bytes);
    insert.bind(6, modified);
    insert.bind(7, image.error);
    insert.step();
  }
  database.execute("COMMIT");
}

HashedImage to_image(const SqliteStatement& select, const TableRow& row) {
  const auto number = [&](int column, const char* name) {
    const auto value = select.number(column);
    if (!value) throw row.failure(fmt::format("'{}' in the column {} is not a number", select.text(column), name));
    return *value;
  };
  HashedImage image;
  image.file.path = select.text(0);
  image.error = select.text(6);
  if (image.error.empty()) image.hash = row.to_hash(select.text(1));
  image.width = number(2, "width");
  image.height = number(3, "height");
  image.file.bytes = number(4, "bytes");
  image.file.modified = row.to_time(select.text(5));
  return image;
}

}  // namespace

void write_hash_sqlite(const fs::path& path, const std::vector<HashedImage>& images) {
  PartialFile partial(path);
  {
    SqliteDatabase database(partial_path(path), SqliteDatabase::Access::create, path.string());
    fill(database, images);
  }
  // What a program that died left beside the table that is replaced, SQLite would bring into the new one.
  for (const char* ending : {"-journal", "-wal", "-shm"}) fs::remove(path.string() + ending);
  partial.commit();
}

std::vector<HashedImage> read_hash_sqlite(const fs::path& path) {
  const SqliteDatabase database(path, SqliteDatabase::Access::read, path.string());
  SqliteStatement layout(database, "PRAGMA user_version");
  layout.step();
  if (const auto found = layout.number(0); found != layout_version) {
    throw no_hash_table(path, fmt::format("its user_version is {}, not {}", found.value_or(0), layout_version));
  }
  SqliteStatement select(database,
                         "SELECT path, hash, width, height, bytes, modified, error FROM images ORDER BY rowid");
  std::vector<HashedImage> images;
  while (select.step()) images.push_back(to_image(select, TableRow(path, images.size() + 1)));
  return images;
}

}  // namespace haloedge

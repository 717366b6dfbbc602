// Tests tables of hashes: each kind of file gives the same images, and files that are no table are refused with a clear
// message.
#include <array>
#include <fstream>
#include <limits>

#include <gtest/gtest.h>
#include <hdf5.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "formats/sqlite_handle.hpp"
#include "support/scratch_folder.hpp"
#include "tables/image_rows.hpp"

namespace haloedge {
namespace {

namespace fs = std::filesystem;

constexpr const char* header = "path,hash,width,height,bytes,modified,flat,error\n";

HashedImage make_image(const std::string& path, std::uint64_t hash, std::int64_t modified, const std::string& error) {
  HashedImage image;
  image.file.path = path;
  image.file.bytes = 12;
  image.file.modified = modified;
  image.hash = hash;
  image.width = error.empty() ? 9 : 0;
  image.height = error.empty() ? 8 : 0;
  image.flat = error.empty() && hash == 0;
  image.error = error;
  return image;
}

std::vector<HashedImage> some_images() {
  return {make_image("a.jpg", 0x00ff00000000000aU, 1'500'000'000, ""),
          make_image("b, \"quoted\"\nand\r\nmore.jpg", 0xffffffffffffffffU, -1, ""),
          make_image("b\r", 0, std::numeric_limits<std::int64_t>::max(), ""),
          make_image("broken\xff.jpg", 0, 0, "broken\xff.jpg: is \"empty\", or\nworse"),
          make_image("caf\xc3\xa9 \xe5\x9b\xbe.png", 1, std::numeric_limits<std::int64_t>::min(), ""),
          make_image("caf\xe9.png", 2, 0, ""),
          make_image("gone.jpg", 0, 0, "caf\xc3\xa9: no such file"),
          make_image("z/0012", 3, 0, "")};
}

class HashTable : public testing::TestWithParam<const char*> {
 protected:
  [[nodiscard]] fs::path path(const std::string& name = "t") const { return scratch_ / (name + GetParam()); }

  ScratchFolder scratch_;
};

/// Returns the message with which reading the table fails, without the file's name, with which it must begin.
std::string complaint(const fs::path& path) {
  try {
    (void)hash_table().read(path);
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_EQ(text.rfind(path.string() + ": ", 0), 0U) << text;
    return text.substr(path.string().size());
  }
  ADD_FAILURE() << path << " was read";
  return "";
}

/// Returns the complaint about a table of another version.
std::string make_again(const std::string& why) {
  return ": is a table of hashes of another version of haloedge (" + why +
         "): make it again with haloedge hash --overwrite";
}

TEST_P(HashTable, RoundTrip) {
  const std::vector<HashedImage> images = some_images();
  std::ofstream(path(), std::ios::binary) << "replaced";
  hash_table().write(path(), images);
  const std::vector<HashedImage> again = hash_table().read(path());
  ASSERT_EQ(again.size(), images.size());
  for (std::size_t i = 0; i < images.size(); ++i) {
    EXPECT_EQ(again[i].file.path, images[i].file.path);
    EXPECT_EQ(again[i].file.bytes, images[i].file.bytes);
    EXPECT_EQ(again[i].file.modified, images[i].file.modified);
    EXPECT_EQ(again[i].hash, images[i].hash);
    EXPECT_EQ(again[i].width, images[i].width);
    EXPECT_EQ(again[i].height, images[i].height);
    EXPECT_EQ(again[i].flat, images[i].flat);
    EXPECT_EQ(again[i].error, images[i].error);
  }
  hash_table().write(path("again"), again);
  EXPECT_EQ(read_text_file(path("again")), read_text_file(path()));
  EXPECT_EQ(std::distance(fs::directory_iterator(scratch_ / ""), {}), 2) << "only the two tables";
}

TEST_P(HashTable, Empty) {
  hash_table().write(path(), {});
  EXPECT_TRUE(hash_table().read(path()).empty());
}

TEST_P(HashTable, WriteFails) { EXPECT_THROW(hash_table().write(path("no/t"), some_images()), Error); }

TEST_P(HashTable, NegativeSizes) {
  for (const int which : {0, 1, 2}) {
    std::vector<HashedImage> images = some_images();
    (which == 0 ? images[2].width : which == 1 ? images[2].height : images[2].file.bytes) = -1;
    hash_table().write(path(), images);
    EXPECT_EQ(complaint(path()), ": image 3: width, height or bytes is negative");
  }
}

TEST_P(HashTable, ForeignFiles) {
  (void)complaint(path("missing"));
  fs::create_directory(path("folder"));
  EXPECT_EQ(complaint(path("folder")), ": is not a regular file");
  for (const std::string content : {"", "a,b\n", "SQLite format 3", "\x89HDF\r\n\x1a\n and no more"}) {
    std::ofstream(path(), std::ios::binary) << content;
    (void)complaint(path());
  }
  if (path().extension() == ".csv") return;
  std::vector<HashedImage> images(1000);
  for (std::size_t i = 0; i < images.size(); ++i) images[i].file.path = std::to_string(i);
  hash_table().write(path(), images);
  const std::string whole = read_text_file(path());
  for (const std::size_t part : {whole.size() / 3, whole.size() / 2, whole.size() - 1}) {
    std::ofstream(path(), std::ios::binary) << whole.substr(0, part);
    (void)complaint(path());
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, HashTable, testing::Values(".csv", ".sqlite", ".db", ".h5", ".hdf5"),
                         [](const auto& kind) { return std::string(kind.param + 1); });

class OneHashTable : public testing::Test {
 protected:
  /// Returns the path of a table of some_images() that was changed by SQL.
  [[nodiscard]] fs::path changed(const char* sql) const {
    hash_table().write(scratch_ / "t.sqlite", some_images());
    sqlite3* database = nullptr;
    EXPECT_EQ(sqlite3_open((scratch_ / "t.sqlite").c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(database);
    sqlite3_close(database);
    return scratch_ / "t.sqlite";
  }
  [[nodiscard]] fs::path csv(const std::string& rows) const {
    write_text_file(scratch_ / "t.csv", header + rows);
    return scratch_ / "t.csv";
  }

  ScratchFolder scratch_;
};

TEST_F(OneHashTable, Kinds) {
  for (const char* name : {"t.txt", "t", "t.csv.gz", ".csv", "t.h5:/images"}) {
    EXPECT_THROW(hash_table().check_name(name), UsageError) << name;
    EXPECT_THROW(hash_table().write(name, {}), UsageError) << name;
    EXPECT_THROW((void)hash_table().read(name), UsageError) << name;
  }
}

TEST_F(OneHashTable, CapitalEndings) {
  for (const char* name : {"t.CSV", "t.SQLite", "t.DB", "t.H5", "t.Hdf5"}) {
    hash_table().write(scratch_ / name, some_images());
    EXPECT_EQ(hash_table().read(scratch_ / name).size(), some_images().size()) << name;
  }
}

TEST_F(OneHashTable, JournalThatCannotBeRemoved) {
  fs::create_directories(scratch_ / "t.db-wal/file");
  EXPECT_THROW(hash_table().write(scratch_ / "t.db", some_images()), Error);
}

TEST_F(OneHashTable, CsvText) {
  hash_table().write(scratch_ / "t.csv", {make_image("a.jpg", 0x00ff00000000000aU, 1'500'000'000, ""),
                                          make_image("quote\" and, comma\n.jpg", 0, 0, "no, such file")});
  EXPECT_EQ(read_text_file(scratch_ / "t.csv"),
            std::string(header) +
                "a.jpg,00ff00000000000a,9,8,12,1970-01-01T00:00:01.500000000Z,0,\n"
                "\"quote\"\" and, comma\n.jpg\",,0,0,12,1970-01-01T00:00:00.000000000Z,,\"no, such file\"\n");
}

TEST_F(OneHashTable, WrongCsv) {
  const std::string good = "a.jpg,0,1,1,1,1970-01-01T00:00:00.000000000Z,1,\n";
  EXPECT_EQ(complaint(csv(good + "b.jpg,0,1,1,1,yesterday,0,\n")),
            ": image 2: 'yesterday' is not a time like 1970-01-01T00:00:00.000000000Z");
  EXPECT_EQ(complaint(csv(good + good + "b.jpg,0,1,1\n")), ": image 3: it has 4 fields, not 8");
  EXPECT_EQ(complaint(csv("b.jpg,x,1,1,1,,,\n")), ": image 1: 'x' is not a number");
}

TEST_F(OneHashTable, OtherCsv) {
  const std::string path = scratch_ / "t.csv";
  const std::string header_1 = "path,hash,width,height,bytes,modified,error\n";
  for (const std::string& old : {header_1, header_1 + "a.jpg,0,1,1,1,1970-01-01T00:00:00.000000000Z,\n"}) {
    write_text_file(path, old);
    EXPECT_EQ(complaint(path), make_again("its first line is not 'path,hash,width,height,bytes,modified,flat,error'"));
  }
  for (const char* other : {"", "\n", "path,hash\n", "path,score,width,height,bytes,modified,flat,error\n"}) {
    write_text_file(path, other);
    EXPECT_EQ(complaint(path), ": is not a table of hashes: its first line is not 'path,hash,width,...'") << other;
  }
}

TEST_F(OneHashTable, WrongSqlite) {
  EXPECT_EQ(complaint(changed("UPDATE images SET hash = NULL WHERE path = 'a.jpg'")), ": image 1: '' is not a number");
  EXPECT_EQ(complaint(changed("UPDATE images SET width = 'wide' WHERE path = 'a.jpg'")),
            ": image 1: 'wide' in the column width is not a number");
  EXPECT_EQ(complaint(changed("UPDATE images SET modified = '9999-01-01T00:00:00.000000000Z' WHERE path = 'z/0012'")),
            ": image 8: '9999-01-01T00:00:00.000000000Z' is not a time like 1970-01-01T00:00:00.000000000Z");
  EXPECT_EQ(complaint(changed("PRAGMA user_version = 1; ALTER TABLE images DROP COLUMN flat")),
            make_again("its user_version is 1, not 2"));
  EXPECT_EQ(complaint(changed("PRAGMA user_version = 0; ALTER TABLE images RENAME COLUMN width TO w")),
            ": is not a table of hashes");
  EXPECT_EQ(complaint(changed("ALTER TABLE images DROP COLUMN flat")), ": is not a table of hashes");
  EXPECT_EQ(complaint(changed("DROP TABLE images")), ": is not a table of hashes");
  EXPECT_EQ(complaint(changed("ALTER TABLE images RENAME COLUMN hash TO score")), ": is not a table of hashes");
}

TEST_F(OneHashTable, LeftJournals) {
  const fs::path path = changed("PRAGMA journal_mode = WAL");
  std::ofstream(path.string() + "-wal", std::ios::binary) << "left";
  std::ofstream(path.string() + "-journal", std::ios::binary) << "left";
  hash_table().write(path, some_images());
  EXPECT_EQ(hash_table().read(path).size(), some_images().size());
  EXPECT_FALSE(fs::exists(path.string() + "-wal"));
  EXPECT_FALSE(fs::exists(path.string() + "-journal"));
}

TEST_F(OneHashTable, WrongHdf5) {
  const std::string path = scratch_ / "t.h5";
  const auto change = [&](const auto& action) {
    hash_table().write(path, some_images());
    const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    action(file);
    H5Fclose(file);
    return complaint(path);
  };
  const auto replace_width = [](hid_t file, hid_t type, int dimensions, hsize_t rows) {
    H5Ldelete(file, "width", H5P_DEFAULT);
    const std::array<hsize_t, 2> size{rows, 1};
    const hid_t space = H5Screate_simple(dimensions, size.data(), nullptr);
    H5Dclose(H5Dcreate2(file, "width", type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Sclose(space);
  };
  EXPECT_EQ(change([](hid_t file) { H5Adelete(file, "haloedge_hash_table"); }), ": is not a table of hashes");
  EXPECT_EQ(change([](hid_t file) {
              const hid_t version = H5Aopen(file, "haloedge_hash_table", H5P_DEFAULT);
              const int old = 1;
              H5Awrite(version, H5T_NATIVE_INT, &old);
              H5Aclose(version);
            }),
            make_again("its attribute haloedge_hash_table is not 2"));
  EXPECT_EQ(change([](hid_t file) { H5Ldelete(file, "error", H5P_DEFAULT); }).rfind(": the dataset error cannot be", 0),
            0U);
  EXPECT_EQ(change([&](hid_t file) { replace_width(file, H5T_STD_I32LE, 1, 8); }),
            ": the dataset width does not hold numbers of the right type");
  EXPECT_EQ(change([&](hid_t file) { replace_width(file, H5T_STD_I64LE, 2, 8); }), ": the dataset width is not 1-D");
  EXPECT_EQ(change([&](hid_t file) { replace_width(file, H5T_STD_I64LE, 1, 7); }),
            ": the dataset width is not as long as those before it");
  EXPECT_EQ(change([&](hid_t file) { replace_width(file, H5T_STD_I64LE, 1, hsize_t{1} << 50); }),
            ": the dataset width has more rows than the file has bytes");
}

/// A row with a column of each type. Some columns have no values if there is an error.
struct Sample {
  std::string name;
  double ratio = 0;
  double share = 0;
  std::int64_t count = 0;
  std::string error{};
  bool good = false;

  friend bool operator==(const Sample&, const Sample&) = default;
};

Schema<Sample> sample_columns() {
  return std::vector<Column<Sample>>{column("name", &Sample::name),
                                     column("ratio", &Sample::ratio),
                                     column("share", &Sample::share).without_errors(),
                                     column("count", &Sample::count).without_errors(),
                                     column("error", &Sample::error),
                                     column("good", &Sample::good)};
}

std::vector<Sample> some_samples() {
  return {{"a", 1.0 / 3, 1e-300, std::numeric_limits<std::int64_t>::min()},
          {"b,\"\xff", -1e300, 0.1, 7},
          {"c", 2, 0, 0, "no share"},
          {"", 0, -0.5, -1, "", true}};
}

TEST_P(HashTable, AnyColumns) {
  const Table<Sample> table({.contents = "samples", .hdf5_attribute = "samples", .command = "sample"}, sample_columns(),
                            [](const Sample&) {});
  table.write(path(), some_samples());
  EXPECT_EQ(table.read(path()), some_samples());
}

TEST(Schema, Fields) {
  const Schema<Sample> schema = sample_columns();
  FieldWriter writer;
  for (const Sample& sample : some_samples()) add_row(writer, schema, sample);
  const std::string message = writer.take();
  FieldReader reader(message);
  std::vector<Sample> samples;
  while (!reader.at_end()) samples.push_back(next_row(reader, schema));
  EXPECT_EQ(samples, some_samples());
}

TEST(Schema, RowWithError) {
  EXPECT_EQ(sample_columns().texts({.name = "x", .ratio = 1, .share = 2, .count = 3, .error = "why"}),
            (std::vector<std::string>{"x", "1", "", "", "why", "0"}));
  Sample sample;
  sample_columns().fill_from_texts(sample, std::vector<std::string>{"x", "1", "no", "number", "why", "1"});
  EXPECT_EQ(sample, (Sample{.name = "x", .ratio = 1, .error = "why", .good = true}));
  EXPECT_THROW(sample_columns().fill_from_texts(sample, std::vector<std::string>{"x", "1", "no", "2", "", "0"}), Error);
}

}  // namespace
}  // namespace haloedge

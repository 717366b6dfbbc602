// Tests tables of scores: rows can be read back and replaced, and every run that was begun is recorded.
#include "tables/score_table.hpp"

#include <fstream>
#include <limits>

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "support/scratch_folder.hpp"
#include "tables/image_rows.hpp"

namespace haloedge {
namespace {

namespace fs = std::filesystem;

class ScoreTables : public testing::Test {
 protected:
  [[nodiscard]] static ScoredImage scored(const std::string& path, double score) {
    return {.file = {.path = path, .bytes = 12, .modified = 1'500'000'000},
            .score = {score, {0.25, 3, 4.5}, 640, 480},
            .seconds = 0.5};
  }
  [[nodiscard]] static ScoredImage failed(const std::string& path) {
    return {.file = {.path = path}, .seconds = 0.125, .error = path + ": is broken"};
  }
  [[nodiscard]] std::int64_t begin(const std::string& options = "--some") const {
    return table_.begin_run({.command_line = "haloedge score", .version = "0", .options = options, .ranks = 3});
  }
  void write(std::int64_t run, const std::vector<ScoredImage>& rows) const { table_.write(run, rows); }

  /// Returns the first column of a query's rows, each followed by ';'.
  [[nodiscard]] std::string query(const std::string& sql) const {
    const SqliteDatabase database(path_, SqliteDatabase::Access::change, "query");
    SqliteStatement select(database, sql);
    std::string text;
    while (select.step()) text += select.text(0) + ';';
    return text;
  }

  ScratchFolder scratch_;
  fs::path path_ = scratch_ / "t.sqlite";
  ScoreTable table_{path_};
};

TEST_F(ScoreTables, ReplacedRows) {
  const std::int64_t run = begin();
  write(run, {scored("a.png", 7.5), failed("b.png"), scored("caf\xe9.png", 1)});
  EXPECT_EQ(query("SELECT path || ' ' || score || ' ' || edge_density || ' ' || gradient_mean || ' ' || entropy || ' ' "
                  "|| width || ' ' || height || ' ' || bytes || ' ' || modified || ' ' || seconds || ' ' || error "
                  "FROM images WHERE path = 'a.png'"),
            "a.png 7.5 0.25 3.0 4.5 640 480 12 1970-01-01T00:00:01.500000000Z 0.5 ;");
  EXPECT_EQ(query("SELECT error FROM images WHERE score IS NULL AND edge_density IS NULL AND gradient_mean IS NULL AND "
                  "entropy IS NULL AND width IS NULL AND height IS NULL AND seconds = 0.125"),
            "b.png: is broken;");
  EXPECT_EQ(query("SELECT typeof(path) FROM images ORDER BY path"), "text;text;blob;");
  write(run, {failed("a.png"), scored("b.png", 2), scored("caf\xe9.png", 3)});
  EXPECT_EQ(query("SELECT ifnull(score, error) FROM images ORDER BY path"), "a.png: is broken;2.0;3.0;");
  EXPECT_EQ(query("SELECT images || ' ' || failed FROM runs"), "6 2;");
}

TEST_F(ScoreTables, ScoredImages) {
  EXPECT_TRUE(table_.scored().empty()) << "there is no table";
  EXPECT_FALSE(fs::exists(path_));
  write(begin(), {scored("a.png", 0), failed("b.png"), scored("caf\xe9.png", 1)});
  const std::vector<ImageFile> files = table_.scored();
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].path, "a.png");
  EXPECT_EQ(files[0].bytes, 12);
  EXPECT_EQ(files[0].modified, 1'500'000'000);
  EXPECT_EQ(files[1].path, "caf\xe9.png");
}

TEST_F(ScoreTables, Runs) {
  EXPECT_FALSE(table_.options());
  const std::int64_t first = begin("--first");
  EXPECT_EQ(table_.options(), "--first");
  EXPECT_EQ(query("SELECT ifnull(ended, 'not ended') FROM runs"), "not ended;");
  table_.end_run(first);
  const std::int64_t second = begin("--second");
  EXPECT_NE(first, second);
  EXPECT_EQ(table_.options(), "--second");
  EXPECT_EQ(query("SELECT ended >= started FROM runs"), "1;;") << "the second has not ended";
  EXPECT_EQ(query("SELECT command_line || ' ' || version || ' ' || ranks FROM runs"),
            "haloedge score 0 3;haloedge score 0 3;");
  EXPECT_EQ(query("PRAGMA user_version") + query("PRAGMA journal_mode"), "1;wal;");
  table_.remove();
  EXPECT_FALSE(fs::exists(path_));
  EXPECT_FALSE(table_.options());
}

TEST_F(ScoreTables, EmptyDatabase) {
  std::ofstream(path_, std::ios::binary) << "";
  EXPECT_FALSE(table_.options());
  write(begin(), {scored("a.png", 1)});
  EXPECT_EQ(query("SELECT count(*) FROM images"), "1;");
}

TEST_F(ScoreTables, FailedWrites) {
  const std::int64_t run = begin();
  ScoredImage impossible = scored("b.png", 2);
  impossible.score.score = std::numeric_limits<double>::quiet_NaN();  // SQLite stores NULL for it
  SqliteDatabase(path_, SqliteDatabase::Access::change, "test")
      .execute("CREATE TRIGGER no BEFORE INSERT ON images WHEN NEW.score IS NULL BEGIN SELECT RAISE(FAIL, 'no'); END");
  EXPECT_THROW(write(run, {scored("a.png", 1), impossible}), Error);
  EXPECT_EQ(query("SELECT count(*) FROM images") + query("SELECT images FROM runs"), "0;0;");
}

TEST_F(ScoreTables, Remove) {
  (void)begin();
  table_.remove();
  EXPECT_FALSE(fs::exists(path_));
  table_.remove();
  fs::create_directories(path_ / "file");
  EXPECT_THROW(table_.remove(), Error);
}

TEST_F(ScoreTables, ForeignFiles) {
  EXPECT_THROW(ScoreTable("scores.csv").check_name(), UsageError);
  ScoreTable("scores.DB").check_name();
  ScoreTable("scores.sqlite").check_name();
  hash_table().write(path_, {});
  EXPECT_THROW((void)table_.options(), Error) << "a table of hashes";
  EXPECT_THROW((void)table_.scored(), Error);
  std::ofstream(path_, std::ios::binary) << "this is text, of some length, so that it is no empty database";
  EXPECT_THROW((void)table_.options(), Error);
  EXPECT_THROW((void)ScoreTable(scratch_ / "no/t.db").begin_run({}), Error);
}

}  // namespace
}  // namespace haloedge

// Tests that `score`, killed or stopped at any moment, loses no row that was written, and that --resume ends with the
// same table as a run that nothing disturbed.
#include <chrono>
#include <csignal>
#include <random>
#include <thread>

#include <fmt/format.h>

#include "formats/sqlite_handle.hpp"
#include "pictures.hpp"
#include "score_rows.hpp"
#include "score_set.hpp"
#include "sets.hpp"
#include "support/scratch_folder.hpp"
#include "victim.hpp"

namespace haloedge {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Rows = std::map<std::string, std::string>;

class ScoreResume : public ScoredSet {
 protected:
  void forget() const {
    fs::remove_all(scratch_ / ".s.sqlite.run");
    for (const char* ending : {"", "-wal", "-shm"}) fs::remove(table().string() + ending);
  }

  /// Returns the number of rows, or -1 if something is wrong with a row or with the database.
  [[nodiscard]] std::int64_t right_rows() const {
    if (!fs::exists(table())) return 0;
    if (first_value(table(), "PRAGMA integrity_check") != "ok") return -1;
    if (first_value(table(), "SELECT count(*) FROM sqlite_master WHERE name = 'images'") == "0") return 0;
    const Rows rows = score_rows(table());
    for (const auto& [path, row] : rows) {
      const auto right = expected().find(path);
      if (right == expected().end() || right->second != row) return -1;
    }
    return std::ssize(rows);
  }

  /// Resumes the run. Tries again while a rank of the killed run is still at work: mpirun may have been starting that
  /// rank when it was killed.
  [[nodiscard]] RunResult resume(int ranks) const {
    for (int attempt = 0;; ++attempt) {
      RunResult result = run_haloedge(arguments(table()) + " --resume", {.ranks = ranks});
      if (attempt == 20 || result.err.find("another run is using this folder") == std::string::npos) return result;
      std::this_thread::sleep_for(200ms);
    }
  }

  /// Returns the number of rows that a run has written so far.
  [[nodiscard]] std::int64_t written_rows() const {
    if (!fs::exists(table())) return 0;
    if (first_value(table(), "SELECT count(*) FROM sqlite_master WHERE name = 'images'") == "0") return 0;
    return std::stoll(first_value(table(), "SELECT count(*) FROM images"));
  }

  /// Starts a run and kills one or all of its ranks, after a random time or when it has written some rows. Returns true
  /// if that was before the run's end.
  bool kill_a_run(int ranks, bool only_one) {
    Victim victim(arguments(table()) + " --resume", ranks);
    const bool by_rows = random_() % 4 != 0;
    const std::int64_t rows = written_rows() + static_cast<std::int64_t>(random_() % 200);
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(random_() % 800);
    while (victim.runs()) {
      if (by_rows ? written_rows() >= rows : std::chrono::steady_clock::now() >= end) break;
      std::this_thread::sleep_for(1ms);
    }
    std::vector<pid_t> targets = victim.ranks();
    if (targets.empty()) targets = {victim.process()};
    if (only_one) targets = {targets[random_() % targets.size()]};
    for (const pid_t target : targets) ::kill(target, SIGKILL);
    const RunResult result = victim.wait();
    EXPECT_NE(result.exit_code, -1) << "ranks outlive the kill: " << result.err;
    EXPECT_NE(result.exit_code, 2) << result.err;
    return result.exit_code != 3;
  }

  std::mt19937 random_{8};
};

TEST_F(ScoreResume, Kill) {
  int in_the_middle = 0;
  int with_rows = 0;
  for (const int in_a_row : {1, 3, 2, 1, 2}) {
    forget();
    for (int i = 0; i < in_a_row; ++i) {
      in_the_middle += kill_a_run(static_cast<int>(random_() % 5), random_() % 3 != 0) ? 1 : 0;
      const std::int64_t rows = right_rows();
      EXPECT_GE(rows, 0);
      with_rows += rows > 0 && rows < std::ssize(expected()) ? 1 : 0;
    }
    const RunResult result = resume(static_cast<int>(random_() % 5));
    EXPECT_EQ(result.exit_code, 3) << result.err;
    EXPECT_EQ(difference(score_rows(table()), expected()), "");
    EXPECT_FALSE(fs::exists(scratch_ / ".s.sqlite.run"));
  }
  EXPECT_GE(in_the_middle, 5) << "most kills came after the end";
  EXPECT_GE(with_rows, 3) << "hardly a kill came in the middle of the rows";
}

TEST_F(ScoreResume, TableDecides) {
  ASSERT_EQ(run_haloedge(arguments(table()), {.ranks = 2}).exit_code, 3);
  // Deletes two rows, as if they had been on their way to rank 0 when it died.
  SqliteDatabase(table(), SqliteDatabase::Access::change, "table").execute("DELETE FROM images WHERE rowid IN (3, 5)");
  const RunResult resumed = resume(3);
  EXPECT_NE(resumed.out.find("3 images"), std::string::npos) << resumed.out;  // the two and the broken one
  EXPECT_EQ(difference(score_rows(table()), expected()), "");
  EXPECT_EQ(first_value(table(), "SELECT group_concat(images || ' ' || failed, ', ') FROM runs"),
            fmt::format("{} 1, 3 1", images));
}

TEST_F(ScoreResume, Signal) {
  for (const int ranks : {0, 1, 3}) {
    forget();
    Victim victim(arguments(table()), ranks);
    while (victim.runs() && right_rows() == 0) std::this_thread::sleep_for(50ms);
    const std::vector<pid_t> targets = victim.ranks();
    ASSERT_FALSE(targets.empty());
    ::kill(targets.back(), SIGTERM);
    const RunResult result = victim.wait();
    EXPECT_EQ(result.exit_code, 75) << ranks << " ranks: " << result.err;
    EXPECT_NE(result.out.find("stopped by SIGTERM"), std::string::npos) << result.out;
    EXPECT_NE(result.out.find("--resume"), std::string::npos) << result.out;
    const std::int64_t rows = right_rows();
    EXPECT_NE(result.out.find(fmt::format("{} missing", std::ssize(expected()) - rows)), std::string::npos)
        << rows << " rows, but " << result.out;
    EXPECT_EQ(first_value(table(), "SELECT ended FROM runs"), "NULL");
    const RunResult resumed = resume((ranks + 1) % 4);
    EXPECT_EQ(resumed.exit_code, 3) << resumed.err;
    EXPECT_NE(resumed.out.find("done earlier"), std::string::npos) << resumed.out;
    EXPECT_EQ(first_value(table(), "SELECT count(ended) || ' of ' || count(*) FROM runs"), "1 of 2");
    EXPECT_EQ(difference(score_rows(table()), expected()), "");
  }
}

class ScoreAgain : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(scratch_ / "set");
    for (int i = 0; i < 6; ++i) write_png(make_picture(120 + i, 90, 3), scratch_ / fmt::format("set/{}.png", i));
    write_bytes(scratch_ / "set/bad.png", "broken");
  }
  [[nodiscard]] RunResult run(const std::string& options, int ranks = 2) const {
    const std::string folder = scratch_.path().string();
    return run_haloedge(fmt::format("score {0}/set -o {0}/s.db {1}", folder, options), {.ranks = ranks});
  }
  [[nodiscard]] fs::path table() const { return scratch_ / "s.db"; }

  ScratchFolder scratch_;
};

TEST_F(ScoreAgain, ChangedImages) {
  ASSERT_EQ(run("").exit_code, 3);
  const Rows before = score_rows(table());
  EXPECT_EQ(run("").exit_code, 1) << "not without --resume or --overwrite";
  const RunResult nothing = run("--resume");
  EXPECT_EQ(nothing.exit_code, 3);
  EXPECT_NE(nothing.out.find("1 image in"), std::string::npos) << "the broken one is tried again: " << nothing.out;
  EXPECT_NE(nothing.out.find("6 done earlier"), std::string::npos) << nothing.out;
  EXPECT_EQ(difference(score_rows(table()), before), "");

  write_png(make_picture(77, 66, 3), scratch_ / "set/3.png");
  write_png(make_picture(50, 40, 1), scratch_ / "set/new.png");
  write_png(make_picture(90, 90, 3), scratch_ / "set/bad.png");
  const RunResult changed = run("--resume", 0);
  EXPECT_EQ(changed.exit_code, 0) << changed.err;
  EXPECT_NE(changed.out.find("3 images"), std::string::npos) << changed.out;
  const Rows after = score_rows(table());
  ASSERT_EQ(run("--overwrite").exit_code, 0);
  EXPECT_EQ(difference(after, score_rows(table())), "");
  EXPECT_EQ(first_value(table(), "SELECT count(*) FROM runs"), "1") << "begun anew";
}

TEST_F(ScoreAgain, OtherOptions) {
  ASSERT_EQ(run("--sigma 3").exit_code, 3);
  const Rows before = score_rows(table());
  for (const std::string other : {"", "--sigma 3 --low 90", "--sigma 3 --gray mean", "--sigma 3 --norm l2",
                                  "--sigma 3 --depth /tmp", "--sigma 3 --high 201"}) {
    const RunResult result = run("--resume " + other);
    EXPECT_EQ(result.exit_code, 2) << other;
    const std::string differs = other.empty() ? "\n  --sigma: was 3, is now 7\n" : ": was ";
    EXPECT_NE(result.err.find(differs), std::string::npos) << result.err;
    EXPECT_EQ(result.err.find("--low: was 100, is now 100"), std::string::npos) << result.err;
  }
  EXPECT_EQ(difference(score_rows(table()), before), "");
  EXPECT_EQ(run("--resume --sigma 3.0 --low 1e2 --threads 2 --quiet").exit_code, 3) << "the same in other words";
}

}  // namespace
}  // namespace haloedge

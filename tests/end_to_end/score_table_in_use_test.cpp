// Tests the table of `score` while it grows: others read it, others lock it, or its disk is full.
#include <chrono>
#include <thread>

#include <fmt/format.h>
#include <sys/mount.h>

#include "formats/sqlite_handle.hpp"
#include "score_rows.hpp"
#include "score_set.hpp"
#include "sets.hpp"
#include "victim.hpp"

namespace haloedge {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class ScoreTableInUse : public ScoredSet {
 protected:
  void forget() const {
    for (const char* ending : {"", "-wal", "-shm"}) fs::remove(table().string() + ending);
  }

  /// Waits until the table has rows, or the run has ended.
  static void await_rows(const Victim& victim, const fs::path& table) {
    while (victim.runs()) {
      std::this_thread::sleep_for(2ms);
      if (!fs::exists(table)) continue;
      if (first_value(table, "SELECT count(*) FROM sqlite_master WHERE name = 'images'") == "0") continue;
      if (first_value(table, "SELECT count(*) FROM images") != "0") return;
    }
  }
};

TEST_F(ScoreTableInUse, Queries) {
  if (!have_tool("sqlite3")) GTEST_SKIP() << "sqlite3 is not installed";
  for (const int ranks : {0, 3}) {
    forget();
    Victim victim(arguments(table()), ranks);
    await_rows(victim, table());
    int in_between = 0;
    std::int64_t last = 0;
    while (victim.runs()) {
      const RunResult shell =
          run_shell(fmt::format("sqlite3 -cmd '.timeout 5000' {} 'SELECT count(*) FROM images'", table().string()));
      ASSERT_EQ(shell.exit_code, 0) << shell.err;
      const std::int64_t rows = std::stoll(shell.out);
      EXPECT_GE(rows, last) << "rows went";
      in_between += rows > 0 && rows < images ? 1 : 0;
      last = rows;
    }
    EXPECT_EQ(victim.wait().exit_code, 3);
    EXPECT_GE(in_between, 1);
    EXPECT_EQ(first_value(table(), "SELECT count(*) FROM images"), std::to_string(images));
  }
}

TEST_F(ScoreTableInUse, Writers) {
  for (const int ranks : {0, 3}) {
    for (const bool for_ever : {false, true}) {
      forget();
      Victim victim(arguments(table()), ranks);
      await_rows(victim, table());
      SqliteDatabase other(table(), SqliteDatabase::Access::change, "other");
      other.execute("BEGIN IMMEDIATE");
      if (!for_ever) {
        std::this_thread::sleep_for(2s);
        other.execute("ROLLBACK");
      }
      const RunResult result = victim.wait();
      EXPECT_EQ(result.exit_code, for_ever ? 1 : 3) << result.err;
      if (!for_ever) continue;
      EXPECT_NE(result.err.find("another program is writing to it"), std::string::npos) << result.err;
      EXPECT_NE(result.err.find("--resume"), std::string::npos) << result.err;
      other.execute("ROLLBACK");
      const RunResult resumed = run_haloedge(arguments(table()) + " --resume", {.ranks = 2});
      EXPECT_EQ(resumed.exit_code, 3) << resumed.err;
      EXPECT_NE(resumed.out.find("done earlier"), std::string::npos) << resumed.out;
    }
    EXPECT_EQ(difference(score_rows(table()), expected()), "");
  }
}

TEST_F(ScoreTableInUse, FullDisk) {
  const fs::path disk = scratch_ / "disk";
  fs::create_directories(disk);
  for (const int ranks : {0, 3}) {
    if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=80k") != 0) {
      GTEST_SKIP() << "not allowed to mount a small disk";
    }
    const std::string run = arguments(disk / "s.sqlite");
    const RunResult full = run_haloedge(run, {.ranks = ranks});
    EXPECT_EQ(full.exit_code, 1) << full.err;
    EXPECT_NE(full.err.find("s.sqlite: the SQLite database cannot be written"), std::string::npos) << full.err;
    EXPECT_NE(full.err.find("--resume"), std::string::npos) << full.err;
    EXPECT_EQ(::mount("tmpfs", disk.c_str(), "tmpfs", MS_REMOUNT, "size=400m"), 0);
    const RunResult resumed = run_haloedge(run + " --resume", {.ranks = 2});
    EXPECT_EQ(resumed.exit_code, 3) << resumed.err;
    EXPECT_EQ(difference(score_rows(disk / "s.sqlite"), expected()), "");
    ASSERT_EQ(::umount2(disk.c_str(), MNT_DETACH), 0);
  }
}

}  // namespace
}  // namespace haloedge

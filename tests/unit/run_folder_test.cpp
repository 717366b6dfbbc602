// Tests the folder in which runs leave what later runs go on with.
#include "run/run_folder.hpp"

#include <chrono>
#include <fstream>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

namespace fs = std::filesystem;

class RunFolderTest : public testing::Test {
 protected:
  /// Begins a run, or resumes one.
  [[nodiscard]] RunFolder begin(const std::string& description, bool resume, bool overwrite, bool kept = true) const {
    RunFolder folder(run_);
    folder.begin(description, kept, resume, overwrite);
    return folder;
  }

  ScratchFolder scratch_;
  fs::path folder_ = scratch_ / "";
  fs::path run_ = folder_ / "deep/run";
};

TEST_F(RunFolderTest, OneProgram) {
  {
    const RunFolder first = begin("edges", false, false);
    EXPECT_EQ(first.run_number(), 1);
    EXPECT_THROW((void)begin("edges", true, false), Error);
    EXPECT_THROW((void)begin("edges", false, true), Error);
  }
  EXPECT_NO_THROW((void)begin("edges", true, false)) << "free again";
}

TEST_F(RunFolderTest, Resume) {
  (void)begin("edges --border wrap\n", true, false);  // begins, because nothing is there yet
  std::ofstream(journal_path(run_, 1, 2)) << "old";
  EXPECT_THROW((void)begin("edges --border wrap\n", false, false), Error);
  try {
    (void)begin("edges --border mirror\n", true, false);
    FAIL() << "other options were taken";
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("wrap"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("mirror"), std::string::npos) << error.what();
  }
  const RunFolder again = begin("edges --border wrap\n", true, false);
  EXPECT_EQ(again.run_number(), 2);
  EXPECT_EQ(read_text_file(journal_path(run_, 1, 2)), "old");
}

TEST_F(RunFolderTest, Overwrite) {
  (void)begin("one", false, false);
  std::ofstream(journal_path(run_, 3, 0)) << "old";
  {
    const RunFolder anew = begin("two", false, true);
    EXPECT_TRUE(journals_in(run_).empty());
    // A rank of the earlier run may still be ending. Its files must not have the names of the new run's files.
    EXPECT_EQ(anew.run_number(), 4);
  }
  EXPECT_NO_THROW((void)begin("two", true, false));
}

TEST_F(RunFolderTest, Complete) {
  const auto refusal = [this] {
    try {
      (void)begin("one", false, false);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("was taken");
  };
  (void)begin("one", false, false);
  EXPECT_NE(refusal().find("an unfinished run: use --resume to continue it, or --overwrite"), std::string::npos);
  RunFolder::mark_complete(run_);
  EXPECT_NE(refusal().find("a complete run: use --resume to make only what is missing, or --overwrite"),
            std::string::npos)
      << refusal();
  (void)begin("one", true, false);
  EXPECT_NE(refusal().find("an unfinished run"), std::string::npos) << "the resumed run has not ended";
}

TEST_F(RunFolderTest, NothingKept) {
  (void)begin("one", false, false);
  (void)std::ofstream(journal_path(run_, 1, 0));
  EXPECT_FALSE(RunFolder(run_).has_records());
  EXPECT_NO_THROW((void)begin("two", false, false, false)) << "there is nothing to ask about";
  EXPECT_TRUE(journals_in(run_).empty());
}

TEST(CheckSameJob, NamesWhatDiffers) {
  EXPECT_NO_THROW(check_same_job("it", "haloedge 1\n--low 3 --high 5 \n", "haloedge 1\n--low 3 --high 5\n"));
  try {
    check_same_job("it", "input a.tif, 3 bytes\n--low 3 --norm l1 --tile 16 ",
                   "input b.tif, 4 bytes\n--norm l2 --tile 16 ");
    FAIL() << "was taken";
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(),
                 "--resume: it was started with another input or other options: give the same ones, or use --overwrite "
                 "to start over\n  --low: was 3, is now not given\n  --norm: was l1, is now l2\n  input: was a.tif, 3 "
                 "bytes, is now b.tif, 4 bytes");
  }
}

TEST(CheckSameJob, ReadableInput) {
  const std::string job = "input k.tif, 1080254 bytes of 2026-11-27T16:46:54.657637218Z --page 0\n--low 5 ";
  EXPECT_EQ(job_differences(job, "input k.tif, 12 bytes of 2026-11-28T01:02:03.000000000Z --page 3\n--low 5 "),
            "\n  input: was k.tif (1,080,254 bytes, changed 2026-11-27 16:46:54 UTC), is now k.tif (12 bytes, changed "
            "2026-11-28 01:02:03 UTC) --page 3");
  EXPECT_EQ(job_differences(job, "input k.tif, 1080254 bytes of 2026-11-27T16:46:54.657637219Z --page 0\n--low 5 "),
            "\n  input: was k.tif, 1080254 bytes of 2026-11-27T16:46:54.657637218Z --page 0, is now k.tif, 1080254 "
            "bytes of 2026-11-27T16:46:54.657637219Z --page 0")
      << "the fraction of the second is all that differs";
}

TEST(CheckSameJob, NamesThatLookLikeOptions) {
  const std::string job = "input a --low 3.tif, 3 bytes\n--low 5 ";
  EXPECT_FALSE(job_differences(job, job));
  EXPECT_EQ(job_differences(job, "input a --low 4.tif, 3 bytes\n--low 5\n"),
            "\n  input: was a --low 3.tif, 3 bytes, is now a --low 4.tif, 3 bytes");
  // Jobs whose items have the same values in another order are not the same, even if no item can be named.
  EXPECT_THROW(check_same_job("it", "--low 4 --low 5", "--low 3 --low 5"), UsageError);
}

TEST_F(RunFolderTest, KeptWithoutJournals) {
  (void)begin("one", false, false);
  EXPECT_THROW((void)begin("one", false, false), Error) << "a complete output that lacks its name needs no journals";
  EXPECT_NO_THROW((void)begin("one", true, false));
}

TEST(ReportFinished, ByAnotherVersion) {
  const std::string made_by = "haloedge 1.0\ninput a.tif\n--low 3\n";
  EXPECT_NO_THROW(report_finished("o.tif", made_by, "haloedge 2.0\ninput a.tif\n--low 3\n", true));
  EXPECT_THROW(report_finished("o.tif", made_by, "haloedge 1.0\ninput a.tif\n--low 4\n", true), UsageError);
}

TEST(ReportFinished, Quiet) {
  testing::internal::CaptureStderr();
  report_finished("o.tif", std::nullopt, "haloedge 1\n", true);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST_F(RunFolderTest, LeftFiles) {
  (void)begin("x", false, false);
  const fs::path left = RunFolder::aside(run_, 1, 3, ".png");
  const fs::path partial = run_ / ("." + left.filename().string() + ".partial");
  for (const bool resume : {true, false}) {
    for (const fs::path& path : {left, RunFolder::aside(run_, 1, 3, ""), partial, run_ / "failures.csv"}) {
      std::ofstream(path) << "x";
    }
    EXPECT_THROW((void)begin("y", true, false), UsageError);
    EXPECT_TRUE(fs::exists(left)) << "a run that is refused touches nothing";
    (void)begin("x", resume, !resume);
    EXPECT_FALSE(fs::exists(left));
    EXPECT_FALSE(fs::exists(RunFolder::aside(run_, 1, 3, "")));
    EXPECT_FALSE(fs::exists(partial));
    EXPECT_EQ(fs::exists(run_ / "failures.csv"), resume);
  }
}

TEST_F(RunFolderTest, NoFolder) {
  std::ofstream(folder_ / "file") << "x";
  EXPECT_THROW(RunFolder(folder_ / "file/run"), Error);
}

TEST_F(RunFolderTest, RemovedMeanwhile) {
  std::optional<RunFolder> first(begin("x", false, false));
  std::jthread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    RunFolder::remove(run_);
    first.reset();
  });
  const RunFolder second(run_);  // gets the lock when the locked folder has already been removed
  EXPECT_TRUE(fs::exists(run_ / "lock"));
  other.join();
  EXPECT_THROW((void)RunFolder(run_), Error) << "the new folder is not locked";
}

TEST_F(RunFolderTest, RunNumbers) {
  fs::create_directories(run_);
  EXPECT_EQ(next_run(run_), 1);
  for (const int run : {10, 2, 1}) std::ofstream(journal_path(run_, run, 7)) << "x";
  for (const char* name : {"journal-", "journal-99", "journal-99-x", "other-99-2"}) std::ofstream(run_ / name) << "x";
  EXPECT_EQ(next_run(run_), 11);
  EXPECT_EQ(journals_in(run_).size(), 3U);
  EXPECT_EQ(journals_in(run_).front().run, 1);
}

}  // namespace
}  // namespace haloedge

// Killed at any moment, `edges` leaves no output, and --resume makes the file that no kill would have hindered.
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <random>
#include <thread>

#include <fmt/format.h>
#include <tiff.h>

#include "edges_fixture.hpp"
#include "pictures.hpp"
#include "victim.hpp"

namespace haloedge {
namespace {

using namespace std::chrono_literals;

const std::string forms[] = {"", "--compression deflate", "--write gather", "--write gather --compression lzw",
                             "--type u16 --compression deflate --border wrap"};

class EdgesResume : public DisturbedEdges {
 protected:
  enum class Whom { one_rank, all_ranks, launcher };

  /// Starts or resumes a run and kills it: by the clock, or when it has put some tiles away. True if that was before
  /// its end.
  bool kill_a_run(const std::string& options, int ranks) {
    Victim victim(arguments(options + " --resume"), ranks);
    const auto begin = std::chrono::steady_clock::now();
    const std::int64_t before = journal_bytes();
    const bool by_work = random_() % 4 != 0;
    const auto work = static_cast<std::int64_t>(random_() % 80'000);
    const auto time = std::chrono::milliseconds(random_() % 800);
    while (victim.runs()) {
      if (by_work ? journal_bytes() >= before + work : std::chrono::steady_clock::now() - begin >= time) break;
      std::this_thread::sleep_for(1ms);
    }
    const auto whom = static_cast<Whom>(random_() % 3);
    std::vector<pid_t> targets = victim.ranks();
    if (whom == Whom::launcher || targets.empty()) targets = {victim.process()};
    if (whom == Whom::one_rank) targets = {targets[random_() % targets.size()]};
    for (const pid_t target : targets) ::kill(target, SIGKILL);
    const RunResult result = victim.wait();
    EXPECT_NE(result.exit_code, -1) << "ranks outlive the kill: " << result.err;
    EXPECT_NE(result.exit_code, 2) << result.err;
    return result.exit_code != 0;
  }

  /// Goes on, with enough patience for a rank of a killed run that is still ending, and compares.
  void expect_resumable(const std::string& options, int ranks) const {
    RunResult result;
    for (int attempt = 0; attempt < 20; ++attempt) {
      result = run_haloedge(arguments(options + " --resume"), {.ranks = ranks});
      if (result.err.find("another run is at work") == std::string::npos) break;
      std::this_thread::sleep_for(200ms);
    }
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_TRUE(file_content(output()) == expected(options)) << "other bytes, " << options << ", " << ranks << " ranks";
    EXPECT_EQ(files(), std::vector<std::string>{"out.tif"});
  }

  // Another seed for each repetition: --gtest_repeat=N --gtest_shuffle.
  std::mt19937 random_{static_cast<unsigned>(testing::UnitTest::GetInstance()->random_seed())};
};

TEST_F(EdgesResume, AfterKillsTheSameBytes) {
  int kills = 0;
  int in_the_middle = 0;
  for (const int in_a_row : {1, 2, 5, 1, 3, 2, 4, 2}) {
    clear();
    const std::string& options = forms[random_() % std::size(forms)];
    for (int i = 0; i < in_a_row; ++i, ++kills) {
      in_the_middle += kill_a_run(options, static_cast<int>(random_() % 5)) ? 1 : 0;
      if (std::filesystem::exists(output())) {
        EXPECT_TRUE(file_content(output()) == expected(options)) << "half an output, " << options;
      }
    }
    expect_resumable(options, static_cast<int>(random_() % 6));
  }
  EXPECT_EQ(kills, 20);
  EXPECT_GE(in_the_middle, 10) << "most kills came after the end";
}

TEST_F(EdgesResume, KilledInTheMiddleOfACall) {
  const std::string moments[] = {"rename-before", "rename-before", "rename-after", "rename-after", "journal:40",
                                 "journal:5001",  "journal:9999",  "copy:100",     "copy:1234567", "copy:2345678"};
  const std::pair<std::string, int> jobs[] = {{forms[0], 0}, {forms[1], 3}, {forms[3], 2}};
  for (std::size_t i = 0; i < std::size(moments); ++i) {
    const std::string& moment = moments[i];
    const auto& [options, ranks] = jobs[i % std::size(jobs)];
    SCOPED_TRACE(fmt::format("{}, {} ranks, {}", moment, ranks, options));
    clear();
    ASSERT_EQ(::setenv("HALOEDGE_KILL", moment.c_str(), 1), 0);
    const RunResult killed = run_haloedge(arguments(options), {.ranks = ranks, .preload = killer()});
    ::unsetenv("HALOEDGE_KILL");
    EXPECT_EQ(killed.exit_code, 137) << killed.err;
    EXPECT_EQ(std::filesystem::exists(output()), moment == "rename-after");
    expect_resumable(options, (ranks + 2) % 4);
  }
}

TEST_F(EdgesResume, DoesNotDoAgainWhatIsDone) {
  ASSERT_EQ(::setenv("HALOEDGE_KILL", "journal:60000", 1), 0);  // of 3384 tiles 1874
  const RunResult killed = run_haloedge(arguments(), {.preload = killer()});
  ::unsetenv("HALOEDGE_KILL");
  ASSERT_EQ(killed.exit_code, 137) << killed.err;
  const std::string report = (scratch_ / "report.json").string();
  ASSERT_EQ(run_haloedge(arguments("--resume --report " + report), {.ranks = 3}).exit_code, 0);
  EXPECT_NE(file_content(report).find("\"earlier_rows\": 4992"), std::string::npos) << file_content(report);
  EXPECT_TRUE(file_content(output()) == expected(""));
}

TEST_F(EdgesResume, MoreRanksThanTheFirstRunHadRowsOfTilesFor) {
  // Where ranks outnumber rows of tiles, tiles get lower; those of the first run stay.
  const std::string job = fmt::format("edges {} -o {} -q --tile 2048", image(), output());
  ASSERT_EQ(run_haloedge(job).exit_code, 0);
  const std::string right = file_content(output());
  clear();
  ASSERT_EQ(::setenv("HALOEDGE_KILL", "journal:96", 1), 0);
  EXPECT_EQ(run_haloedge(job, {.ranks = 2, .preload = killer()}).exit_code, 137);
  ::unsetenv("HALOEDGE_KILL");
  const RunResult resumed = run_haloedge(job + " --resume", {.ranks = 7});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_TRUE(file_content(output()) == right);
}

TEST_F(EdgesResume, WhatTheDiskLostIsDoneAgain) {
  for (const std::string& options : {forms[0], forms[1]}) {
    clear();
    ASSERT_EQ(::setenv("HALOEDGE_KILL", "journal:60000", 1), 0);
    ASSERT_EQ(run_haloedge(arguments(options), {.preload = killer()}).exit_code, 137);
    ::unsetenv("HALOEDGE_KILL");
    // As after a node's failure: the journal reached the disk, some of the tiles did not.
    const std::string kept = options.empty() ? ".out.tif.partial" : ".out.tif.run/spill-1-0";
    std::fstream file(scratch_ / kept, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(200'000);
    file << std::string(5'000, '\0');
    ASSERT_TRUE(file.good());
    file.close();
    expect_resumable(options, 2);
  }
}

TEST_F(EdgesResume, NotByAccident) {
  ASSERT_EQ(::setenv("HALOEDGE_KILL", "journal:9999", 1), 0);
  ASSERT_EQ(run_haloedge(arguments(), {.preload = killer()}).exit_code, 137);
  ::unsetenv("HALOEDGE_KILL");
  const RunResult not_asked = run_haloedge(arguments(), {.ranks = 2});
  EXPECT_EQ(not_asked.exit_code, 1);
  EXPECT_NE(not_asked.err.find("--resume goes on with it, --overwrite begins anew"), std::string::npos)
      << not_asked.err;
  const RunResult other = run_haloedge(arguments("--resume --border wrap"), {.ranks = 2});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_NE(other.err.find("other options"), std::string::npos) << other.err;
  const auto modified = std::filesystem::last_write_time(image());
  std::filesystem::last_write_time(image(), modified + 1s);
  EXPECT_EQ(run_haloedge(arguments("--resume")).exit_code, 2) << "the image is another one";
  std::filesystem::last_write_time(image(), modified);
  ASSERT_GT(journal_bytes(), 5000) << "a run that is refused touches nothing";
  EXPECT_EQ(run_haloedge(arguments("--overwrite"), {.ranks = 2}).exit_code, 0);
  EXPECT_TRUE(file_content(output()) == expected(""));
}

TEST_F(EdgesResume, WithNothingToResume) {
  EXPECT_EQ(run_haloedge(arguments("--resume"), {.ranks = 2}).exit_code, 0) << "begins";
  for (const int ranks : {0, 2}) {
    const RunResult again = run_haloedge(fmt::format("edges {} -o {} --resume", image(), output()), {.ranks = ranks});
    EXPECT_EQ(again.exit_code, 0) << again.err;
    EXPECT_NE(again.out.find("is complete"), std::string::npos) << again.out;
  }
  EXPECT_EQ(run_haloedge(arguments()).exit_code, 1) << "there is an output";
  EXPECT_EQ(files(), std::vector<std::string>{"out.tif"});
}

TEST_F(EdgesResume, ImagesThatAreDecodedFromTheTop) {
  const Picture picture = make_picture(1500, 4000, 3);
  write_png(picture, scratch_ / "in.png");
  write_tiff(picture, scratch_ / "in.tif", TiffForm::tiles, COMPRESSION_NONE);
  const std::string options = fmt::format("-o {} --tile 64 -q", output());
  ASSERT_EQ(run_haloedge(fmt::format("edges {}/in.tif {}", scratch_.folder().string(), options)).exit_code, 0);
  const std::string right = file_content(output());
  for (const int ranks : {0, 3}) {
    clear();
    ASSERT_EQ(::setenv("HALOEDGE_KILL", "journal:9999", 1), 0);
    const std::string command = fmt::format("edges {}/in.png {}", scratch_.folder().string(), options);
    ASSERT_EQ(run_haloedge(command, {.ranks = ranks, .preload = killer()}).exit_code, 137);
    ::unsetenv("HALOEDGE_KILL");
    const RunResult resumed = run_haloedge(command + " --resume", {.ranks = 2 - ranks / 2});
    EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
    EXPECT_TRUE(file_content(output()) == right) << ranks;
  }
}

}  // namespace
}  // namespace haloedge

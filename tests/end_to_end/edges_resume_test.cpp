// Tests that `edges` leaves no output when it is killed at any moment, and that --resume then makes the same file as a
// run that nothing disturbed.
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <random>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <tiff.h>

#include "core/file.hpp"
#include "edges_fixture.hpp"
#include "pictures.hpp"
#include "sets.hpp"
#include "victim.hpp"

namespace haloedge {
namespace {

using namespace std::chrono_literals;

const std::string forms[] = {"", "--compression deflate", "--write gather", "--write gather --compression lzw",
                             "--type u16 --compression deflate --border wrap"};

class EdgesResume : public DisturbedEdges {
 protected:
  enum class Whom { one_rank, all_ranks, launcher };

  /// Starts or resumes a run and kills it, after a certain time or when it has recorded some tiles. Returns true if it
  /// was killed before its end.
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

  /// Runs a job that killer.cpp kills at `moment`.
  void kill_at(const std::string& moment, const std::string& job, int ranks = 0) const {
    ASSERT_EQ(::setenv("HALOEDGE_KILL", moment.c_str(), 1), 0);
    const RunResult killed = run_haloedge(job, {.ranks = ranks, .preload = killer()});
    ::unsetenv("HALOEDGE_KILL");
    ASSERT_EQ(killed.exit_code, 137) << killed.err;
  }

  /// Resumes the run and compares the output. Tries again while a rank of a killed run is still ending.
  void expect_resumable(const std::string& options, int ranks) const {
    RunResult result;
    for (int attempt = 0; attempt < 20; ++attempt) {
      result = run_haloedge(arguments(options + " --resume"), {.ranks = ranks});
      if (result.err.find("another run is using this folder") == std::string::npos) break;
      std::this_thread::sleep_for(200ms);
    }
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_TRUE(file_content(output()) == expected(options)) << "other bytes, " << options << ", " << ranks << " ranks";
    EXPECT_EQ(files(), std::vector<std::string>{"out.tif"});
  }

  // Each repetition has another seed: --gtest_repeat=N --gtest_shuffle.
  std::mt19937 random_{static_cast<unsigned>(testing::UnitTest::GetInstance()->random_seed())};
};

TEST_F(EdgesResume, Kill) {
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
  EXPECT_GE(in_the_middle, 5) << "nearly all kills came after the end";
}

TEST_F(EdgesResume, KillWithinACall) {
  const std::string moments[] = {"rename-before", "rename-before", "rename-after", "rename-after", "journal:40",
                                 "journal:5001",  "journal:9999",  "copy:100",     "copy:1234567", "copy:2345678"};
  const std::pair<std::string, int> jobs[] = {{forms[0], 0}, {forms[1], 3}, {forms[3], 2}};
  for (std::size_t i = 0; i < std::size(moments); ++i) {
    const std::string& moment = moments[i];
    const auto& [options, ranks] = jobs[i % std::size(jobs)];
    SCOPED_TRACE(fmt::format("{}, {} ranks, {}", moment, ranks, options));
    clear();
    kill_at(moment, arguments(options), ranks);
    EXPECT_EQ(std::filesystem::exists(output()), moment == "rename-after");
    expect_resumable(options, (ranks + 2) % 4);
  }
}

TEST_F(EdgesResume, NoRepeatedWork) {
  for (const std::string& options : forms) {
    for (const int ranks : {0, 3}) {
      SCOPED_TRACE(fmt::format("{} ranks, {}", ranks, options));
      clear();
      // On one rank, the run is killed when 1,874 of the 3,384 tiles are recorded; on three ranks, when the first of
      // them has recorded 343.
      kill_at(ranks == 0 ? "journal:60000" : "journal:11000", arguments(options), ranks);
      const std::string report = (scratch_ / "report.json").string();
      ASSERT_EQ(run_haloedge(arguments(options + " --resume --report " + report), {.ranks = 3 - ranks}).exit_code, 0);
      const auto rows = nlohmann::json::parse(file_content(report)).at("earlier_rows").get<std::int64_t>();
      if (ranks == 0) {
        EXPECT_EQ(rows, 4992);
      } else {
        EXPECT_GE(rows, 10 * 64) << "of 14 rows of tiles, three may have been in work";
      }
      EXPECT_TRUE(file_content(output()) == expected(options));
    }
  }
}

TEST_F(EdgesResume, MoreRanks) {
  // Tiles get lower where there are more ranks than rows of tiles, but a resumed run keeps the tiles of the first run.
  const std::string job = fmt::format("edges {} -o {} -q --tile 2048", image(), output());
  ASSERT_EQ(run_haloedge(job).exit_code, 0);
  const std::string right = file_content(output());
  clear();
  kill_at("journal:96", job, 2);
  const RunResult resumed = run_haloedge(job + " --resume", {.ranks = 7});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_TRUE(file_content(output()) == right);
}

TEST_F(EdgesResume, LostBytes) {
  for (const std::string& options : {forms[0], forms[1]}) {
    clear();
    kill_at("journal:60000", arguments(options));
    // This is the state after a node's failure: the journal reached the disk, but some of the tiles did not.
    const std::string kept = options.empty() ? ".out.tif.partial" : ".out.tif.run/spill-1-0";
    std::fstream file(scratch_ / kept, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(200'000);
    file << std::string(5'000, '\0');
    ASSERT_TRUE(file.good());
    file.close();
    expect_resumable(options, 2);
  }
}

TEST_F(EdgesResume, LostBytesOfFinishedFile) {
  kill_at("rename-before", arguments());
  std::fstream file(scratch_ / ".out.tif.partial", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(3'000'000);
  file << std::string(200'000, '\0');
  file.close();
  expect_resumable("", 2);
}

TEST_F(EdgesResume, RenameFails) {
  Victim victim(arguments(), 2);
  while (victim.runs() && journal_bytes() < 5'000) std::this_thread::sleep_for(1ms);
  std::filesystem::create_directories(scratch_ / "out.tif/in the way");
  const RunResult refused = victim.wait();
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.err.find("cannot rename the complete output"), std::string::npos) << refused.err;
  EXPECT_EQ(run_haloedge(arguments("--resume")).exit_code, 1) << "still in the way";
  std::filesystem::remove_all(scratch_ / "out.tif");
  expect_resumable("", 0);
}

TEST_F(EdgesResume, CompleteWithoutName) {
  write_png(make_picture(1500, 1500, 3), scratch_ / "in.png");
  const std::string command =
      fmt::format("edges {0}/in.png -o {0}/out.png -q --threads 1 --backend reference", scratch_.path().string());
  Victim victim(command, 0);
  while (victim.runs() && !std::filesystem::exists(scratch_ / ".out.png.partial")) std::this_thread::sleep_for(1ms);
  std::filesystem::create_directories(scratch_ / "out.png/in the way");
  const RunResult refused = victim.wait();
  EXPECT_NE(refused.err.find("cannot rename the complete output"), std::string::npos) << refused.err;
  std::filesystem::remove_all(scratch_ / "out.png");
  const RunResult anew = run_haloedge(command);
  EXPECT_EQ(anew.exit_code, 1) << "a PNG has no journals, but it is complete";
  EXPECT_NE(anew.err.find("contains an unfinished run"), std::string::npos) << anew.err;
  EXPECT_EQ(run_haloedge(command + " --resume").exit_code, 0);
  EXPECT_TRUE(std::filesystem::is_regular_file(scratch_ / "out.png"));
}

TEST_F(EdgesResume, OldRankAlive) {
  Victim old(arguments(), 2);
  while (old.runs() && journal_bytes() < 5'000) std::this_thread::sleep_for(1ms);
  const std::vector<pid_t> ranks = old.ranks();
  ASSERT_EQ(ranks.size(), 2U);
  for (const pid_t process : {old.process(), ranks[0], ranks[1]}) ::kill(process, SIGSTOP);
  const RunResult second = run_haloedge(arguments("--resume"));
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_NE(second.err.find("another run is using this folder"), std::string::npos) << second.err;

  ::kill(ranks[0], SIGKILL);  // this is rank 0, which mpirun starts first; the folder is now unlocked
  const RunResult other = run_haloedge(arguments("--operator scharr --overwrite"));
  EXPECT_EQ(other.exit_code, 0) << other.err;
  ::kill(ranks[1], SIGCONT);
  std::this_thread::sleep_for(300ms);
  ::kill(old.process(), SIGCONT);
  (void)old.wait();
  EXPECT_TRUE(file_content(output()) == expected("--operator scharr")) << "the old run wrote into the new one's output";
}

TEST_F(EdgesResume, OtherInput) {
  const std::string file = (scratch_ / "two.h5").string();
  write_hdf5(make_picture(600, 4000, 1), file, "a");
  write_hdf5(crop(make_picture(700, 4100, 1), 100, 100, 4000, 600), (scratch_ / "b.h5").string(), "b");
  ASSERT_EQ(run_shell(fmt::format("h5copy -i {}/b.h5 -o {} -s /b -d /b", scratch_.path().string(), file)).exit_code, 0);
  const auto job = [&](const std::string& dataset, const std::string& options) {
    return fmt::format("edges {}:{} -o {} -q --tile 64 {}", file, dataset, output(), options);
  };
  kill_at("journal:1000", job("/a", "--scale 0.12345678"));
  const RunResult other = run_haloedge(job("/b", "--scale 0.12345678 --resume"));
  EXPECT_EQ(other.exit_code, 2) << "another dataset";
  EXPECT_NE(other.err.find("two.h5 ("), std::string::npos) << other.err;
  EXPECT_EQ(run_haloedge(job("/a", "--scale 0.12345679 --resume")).exit_code, 2) << "another number";
  EXPECT_EQ(run_haloedge(job("/a", "--scale 0.12345678 --resume")).exit_code, 0);
}

TEST_F(EdgesResume, OnlyIfAsked) {
  kill_at("journal:9999", arguments());
  const RunResult not_asked = run_haloedge(arguments(), {.ranks = 2});
  EXPECT_EQ(not_asked.exit_code, 1);
  EXPECT_NE(not_asked.err.find("use --resume to continue it, or --overwrite to start over"), std::string::npos)
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

TEST_F(EdgesResume, NothingToResume) {
  EXPECT_EQ(run_haloedge(arguments("--resume"), {.ranks = 2}).exit_code, 0) << "begins";
  for (const int ranks : {0, 2}) {
    const RunResult again = run_haloedge(arguments("--resume"), {.ranks = ranks});
    EXPECT_EQ(again.exit_code, 0) << again.err;
    EXPECT_EQ(again.out, "") << "with -q";
  }
  EXPECT_EQ(run_haloedge(arguments()).exit_code, 1) << "there is an output";
  std::filesystem::last_write_time(output(), std::filesystem::last_write_time(image()) - 1h);
  const RunResult old = run_haloedge(arguments("--resume"));
  EXPECT_EQ(old.exit_code, 1);
  EXPECT_NE(old.err.find("is older than"), std::string::npos) << old.err;
  EXPECT_EQ(files(), std::vector<std::string>{"out.tif"});
}

TEST_F(EdgesResume, CompleteWithOtherOptions) {
  const std::string job = fmt::format("edges {} -o {} --resume", image(), output());
  ASSERT_EQ(run_haloedge(job).exit_code, 0);
  if (!file_note(output())) GTEST_SKIP() << "the file system keeps no attributes";
  const std::string made = file_content(output());
  EXPECT_NE(run_haloedge(job, {.ranks = 2}).out.find("is complete"), std::string::npos);
  const RunResult other = run_haloedge(job + " --operator scharr --tile 512", {.ranks = 2});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_NE(other.err.find("\n  --operator: was sobel, is now scharr\n  --tile: was 256, is now 512\n"),
            std::string::npos)
      << other.err;
  EXPECT_EQ(other.err.find("--border"), std::string::npos) << other.err;
  // A copy does not tell how it was made, nor does a file that another program has written over.
  write_bytes(output(), made + '\n');
  EXPECT_EQ(file_note(output()), std::nullopt);
  std::filesystem::remove(output());
  write_bytes(output(), made);
  const RunResult copy = run_haloedge(job + " --operator scharr");
  EXPECT_EQ(copy.exit_code, 0);
  EXPECT_NE(copy.err.find("cannot tell with which options"), std::string::npos) << copy.err;
  EXPECT_EQ(copy.out.find("complete"), std::string::npos) << copy.out;
  EXPECT_TRUE(file_content(output()) == made);
}

TEST_F(EdgesResume, SequentialFormats) {
  const Picture picture = make_picture(1500, 4000, 3);
  write_png(picture, scratch_ / "in.png");
  write_tiff(picture, scratch_ / "in.tif", TiffForm::tiles, COMPRESSION_NONE);
  const std::string options = fmt::format("-o {} --tile 64 -q", output());
  ASSERT_EQ(run_haloedge(fmt::format("edges {}/in.tif {}", scratch_.path().string(), options)).exit_code, 0);
  const std::string right = file_content(output());
  for (const int ranks : {0, 3}) {
    clear();
    const std::string command = fmt::format("edges {}/in.png {}", scratch_.path().string(), options);
    kill_at("journal:9999", command, ranks);
    const RunResult resumed = run_haloedge(command + " --resume", {.ranks = 2 - ranks / 2});
    EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
    EXPECT_TRUE(file_content(output()) == right) << ranks;
  }
}

}  // namespace
}  // namespace haloedge

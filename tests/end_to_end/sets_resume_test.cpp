// Tests that `batch` and `hash`, killed at any moment, leave nothing half done, and that --resume ends with the same
// output as a run that nothing disturbed.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <random>
#include <thread>

#include <fmt/format.h>

#include "set_fixture.hpp"
#include "sets.hpp"
#include "victim.hpp"

namespace haloedge {
namespace {

using namespace std::chrono_literals;

class SetsResume : public DisturbedSet, public testing::WithParamInterface<std::string> {
 protected:
  enum class Whom { one_rank, all_ranks, launcher };

  /// Starts a run and kills it, after a certain time or when it has done some work. Returns true if it was killed
  /// before its end.
  bool kill_a_run(int ranks, Whom whom, bool first) {
    const std::string command = GetParam();
    Victim victim(arguments(command) + (first ? "" : " --resume"), ranks);
    const auto begin = std::chrono::steady_clock::now();
    const auto before = journal_bytes(command);
    const bool by_work = random_() % 4 != 0;
    const auto work = static_cast<std::int64_t>(random_() % 40'000);
    const auto time = std::chrono::milliseconds(random_() % 700);
    while (victim.runs()) {
      if (by_work ? journal_bytes(command) >= before + work : std::chrono::steady_clock::now() - begin >= time) break;
      std::this_thread::sleep_for(1ms);
    }
    std::vector<pid_t> targets = victim.ranks();
    if (whom == Whom::launcher || targets.empty()) targets = {victim.process()};
    if (whom == Whom::one_rank) targets = {targets[random_() % targets.size()]};
    for (const pid_t target : targets) ::kill(target, SIGKILL);
    const RunResult result = victim.wait();
    EXPECT_NE(result.exit_code, -1) << "ranks outlive the kill: " << result.err;
    EXPECT_NE(result.exit_code, 2) << result.err;
    return result.exit_code != 3;  // an undisturbed run ends with 3
  }

  /// Resumes the run. Tries again while a rank of the killed run is still at work: mpirun may have been starting that
  /// rank when it was killed.
  [[nodiscard]] RunResult resume(int ranks) const {
    for (int attempt = 0;; ++attempt) {
      RunResult result = run_haloedge(arguments(GetParam()) + " --resume", {.ranks = ranks});
      if (attempt == 20 || result.err.find("another run is using this folder") == std::string::npos) return result;
      std::this_thread::sleep_for(200ms);
    }
  }

  std::mt19937 random_{20};
};

TEST_P(SetsResume, Kill) {
  const std::string command = GetParam();
  const auto& right = expected(command);
  ASSERT_FALSE(right.empty());
  int kills = 0;
  int in_the_middle = 0;
  for (const int in_a_row : {1, 2, 5, 1, 3, 2}) {
    std::filesystem::remove_all(output(command));
    for (int i = 0; i < in_a_row; ++i, ++kills) {
      const auto ranks = static_cast<int>(random_() % 5);
      const auto whom = static_cast<Whom>(random_() % 3);
      const bool first = !std::filesystem::exists(run_folder(command)) && !std::filesystem::exists(output(command));
      in_the_middle += kill_a_run(ranks, whom, first) ? 1 : 0;
      EXPECT_EQ(wrong(command), "") << "after a kill of " << ranks << " ranks";
    }
    const auto ranks = static_cast<int>(random_() % 5);
    const RunResult result = resume(ranks);
    if (command == "hash" && result.exit_code == 0) {
      EXPECT_NE(result.out.find("is complete"), std::string::npos) << result.out;  // the last kill came after the end
    } else {
      EXPECT_EQ(result.exit_code, 3) << result.err;
    }
    EXPECT_EQ(difference(made(command), right), "") << "resumed on " << ranks << " ranks";
  }
  EXPECT_EQ(kills, 14);
  EXPECT_GE(in_the_middle, 7) << "most kills came after the end";
}

TEST_P(SetsResume, OtherOptions) {
  const std::string command = GetParam();
  while (!kill_a_run(2, Whom::all_ranks, true)) std::filesystem::remove_all(output(command));
  ASSERT_GT(journal_bytes(command), 0);
  const RunResult not_asked = run_haloedge(arguments(command), {.ranks = 2});
  EXPECT_EQ(not_asked.exit_code, 1);
  EXPECT_NE(not_asked.err.find("--resume"), std::string::npos) << not_asked.err;
  if (command == "batch") {
    const RunResult other = run_haloedge(arguments(command) + " --resume --border wrap", {.ranks = 2});
    EXPECT_EQ(other.exit_code, 2);
    EXPECT_NE(other.err.find("other options"), std::string::npos) << other.err;
  }
  // A smaller set is complete as soon as the images that it still has are done.
  const std::string smaller = fmt::format("{} {}/3 -o {} --resume", command, set(), output(command));
  EXPECT_EQ(run_haloedge(smaller, {.ranks = 3}).exit_code, 0);
  EXPECT_EQ(run_haloedge(arguments(command) + " --overwrite").exit_code, 3);
  EXPECT_EQ(difference(made(command), expected(command)).find("other bytes"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Commands, SetsResume, testing::Values("batch", "hash"),
                         [](const auto& of) { return of.param; });

using BatchResume = DisturbedSet;

TEST_F(BatchResume, ChangedFiles) {
  ASSERT_EQ(run_haloedge(arguments("batch"), {.ranks = 2}).exit_code, 3);
  const std::filesystem::path folder = output("batch");
  std::filesystem::remove(folder / "0/7.png");
  write_bytes(folder / "0/14.png", "too short");
  const RunResult result = run_haloedge(arguments("batch") + " --resume", {.ranks = 3});
  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_NE(result.out.find(fmt::format("3 images", count)), std::string::npos) << result.out;
  EXPECT_EQ(difference(made("batch"), expected("batch")), "");
}

}  // namespace
}  // namespace haloedge

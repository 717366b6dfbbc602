// Tests that `batch` and `hash` end in good order, and can be resumed, if they are asked to stop or have no room left.
#include <chrono>
#include <csignal>
#include <thread>

#include <fmt/format.h>
#include <sys/mount.h>

#include "set_fixture.hpp"
#include "sets.hpp"
#include "victim.hpp"

namespace haloedge {
namespace {

class SetsStop : public DisturbedSet, public testing::WithParamInterface<std::string> {
 protected:
  /// Resumes the run that was stopped. Checks that everything is there afterwards.
  void expect_resumable(int ranks) const {
    const std::string command = GetParam();
    EXPECT_EQ(wrong(command), "");
    const RunResult resumed = run_haloedge(arguments(command) + " --resume", {.ranks = ranks});
    EXPECT_EQ(resumed.exit_code, 3) << resumed.err;
    EXPECT_NE(resumed.out.find("done earlier"), std::string::npos) << resumed.out;
    EXPECT_EQ(difference(made(command), expected(command)), "");
  }
};

TEST_P(SetsStop, Signal) {
  const std::string command = GetParam();
  for (const int ranks : {0, 1, 3}) {
    for (const auto& [number, name] : {std::pair{SIGTERM, "SIGTERM"}, {SIGUSR1, "SIGUSR1"}}) {
      if (command == "hash" && ranks == 1) continue;
      std::filesystem::remove_all(output(command));
      Victim victim(arguments(command), ranks);
      while (victim.runs() && journal_bytes(command) == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      const std::vector<pid_t> targets = victim.ranks();
      ASSERT_FALSE(targets.empty());
      ::kill(targets.back(), number);  // only one rank gets the signal, and all must stop
      const RunResult result = victim.wait();
      EXPECT_EQ(result.exit_code, 75) << name << ' ' << ranks << " ranks: " << result.err;
      EXPECT_NE(result.out.find(fmt::format("stopped by {}", name)), std::string::npos) << result.out;
      EXPECT_NE(result.out.find("--resume"), std::string::npos) << result.out;
      expect_resumable((ranks + 1) % 4);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Commands, SetsStop, testing::Values("batch", "hash"), [](const auto& of) { return of.param; });

using SetsTimeLimit = DisturbedSet;

TEST_F(SetsTimeLimit, Batch) {
  // This job is slow enough to take longer than a second on any machine.
  const std::string slow = fmt::format("batch {} --format tiff --type f32 --compression deflate --threads 1", set());
  for (const int ranks : {0, 2}) {
    const std::string arguments = fmt::format("{} -o {}/slow{}", slow, folder(), ranks);
    const RunResult stopped = run_haloedge(arguments + " --time-limit 1s", {.ranks = ranks});
    EXPECT_EQ(stopped.exit_code, 75) << stopped.err;
    // On a busy machine the limit passes while images are still listed, and the clock of the other rank may be the
    // first that reports it.
    const std::string said = stopped.out + stopped.err;
    const bool tells = said.find("stopped by the time limit") != std::string::npos ||
                       said.find("a rank was asked to stop") != std::string::npos;
    EXPECT_TRUE(tells) << said;
    const bool advises =
        said.find("--resume") != std::string::npos || said.find("start the run again") != std::string::npos;
    EXPECT_TRUE(advises) << said;
    const RunResult resumed = run_haloedge(arguments + " --resume", {.ranks = 3});
    EXPECT_EQ(resumed.exit_code, 3) << resumed.err;
  }
  EXPECT_EQ(files_below(scratch_ / "slow0").size(), static_cast<std::size_t>(count));
  EXPECT_EQ(difference(files_below(scratch_ / "slow0"), files_below(scratch_ / "slow2")), "");
}

/// Tests with an output on a small disk, which is made larger later.
class SetsFullDisk : public DisturbedSet, public testing::WithParamInterface<std::string> {
 protected:
  bool mount_disk(const char* size) {
    disk_ = scratch_ / "disk";
    std::filesystem::create_directories(disk_);
    mounted_ = ::mount("tmpfs", disk_.c_str(), "tmpfs", 0, size) == 0;
    return mounted_;
  }
  void TearDown() override {
    if (mounted_) ::umount2(disk_.c_str(), MNT_DETACH);
  }

  std::filesystem::path disk_;
  bool mounted_ = false;
};

TEST_P(SetsFullDisk, Resume) {
  const std::string command = GetParam();
  for (const int ranks : {0, 3}) {
    if (!mount_disk(command == "batch" ? "size=4m" : "size=40k")) GTEST_SKIP() << "not allowed to mount a small disk";
    const std::string out = (disk_ / (command == "batch" ? "out" : "out.csv")).string();
    const std::string arguments = fmt::format("{} {} -o {}", command, set(), out);
    const RunResult full = run_haloedge(arguments, {.ranks = ranks});
    EXPECT_EQ(full.exit_code, 1) << full.err;
    EXPECT_NE(full.err.find("No space left on device"), std::string::npos) << full.err;
    EXPECT_NE(full.err.find("--resume"), std::string::npos) << full.err;
    const auto tree = [&] {
      if (command == "batch") return files_below(out);
      return std::map<std::string, std::string>{{"out.csv", file_content(out)}};
    };
    if (command == "batch") {
      for (const auto& [name, content] : tree()) EXPECT_TRUE(content == expected(command).at(name)) << name;
    } else {
      EXPECT_FALSE(std::filesystem::exists(out));
    }
    const RunResult still_full = run_haloedge(arguments + " --resume", {.ranks = ranks});
    EXPECT_EQ(still_full.exit_code, 1) << still_full.out;
    ASSERT_EQ(::mount("tmpfs", disk_.c_str(), "tmpfs", MS_REMOUNT, "size=400m"), 0);
    const RunResult resumed = run_haloedge(arguments + " --resume", {.ranks = 2});
    EXPECT_EQ(resumed.exit_code, 3) << resumed.err;
    if (command == "batch") {
      EXPECT_NE(resumed.out.find("done earlier"), std::string::npos) << resumed.out;
    }
    EXPECT_EQ(difference(tree(), expected(command)), "");
    ASSERT_EQ(::umount2(disk_.c_str(), MNT_DETACH), 0);
    mounted_ = false;
  }
}

INSTANTIATE_TEST_SUITE_P(Commands, SetsFullDisk, testing::Values("batch", "hash"),
                         [](const auto& of) { return of.param; });

}  // namespace
}  // namespace haloedge

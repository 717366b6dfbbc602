// Tests that `edges` ends in good order on all ranks, and can be resumed, if it is asked to stop or has no room or no
// input left.
#include <chrono>
#include <csignal>
#include <thread>

#include <fmt/format.h>
#include <sys/mount.h>

#include "edges_fixture.hpp"
#include "victim.hpp"

namespace haloedge {
namespace {

class EdgesStop : public DisturbedEdges {
 protected:
  /// Waits until the run has written `bytes` of journal, or has ended.
  void wait_for_work(Victim& victim, std::int64_t bytes) const {
    while (victim.runs() && journal_bytes() < bytes) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  void expect_resumable(const std::string& options, int ranks) const {
    const RunResult resumed = run_haloedge(arguments(options + " --resume"), {.ranks = ranks});
    EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
    EXPECT_TRUE(file_content(output()) == expected(options)) << options << ", " << ranks << " ranks";
    EXPECT_EQ(files(), std::vector<std::string>{"out.tif"});
  }
};

TEST_F(EdgesStop, Signal) {
  for (const int ranks : {0, 1, 4}) {
    for (const auto& [number, name] : {std::pair{SIGTERM, "SIGTERM"}, {SIGUSR1, "SIGUSR1"}, {SIGINT, "SIGINT"}}) {
      const std::string options = number == SIGUSR1 ? "--write gather" : "--compression deflate";
      SCOPED_TRACE(fmt::format("{} {} ranks", name, ranks));
      clear();
      Victim victim(arguments(options), ranks);
      wait_for_work(victim, 10'000);
      const std::vector<pid_t> targets = victim.ranks();
      ASSERT_FALSE(targets.empty());
      const std::int64_t before = journal_bytes();
      ::kill(targets.back(), number);
      const RunResult result = victim.wait();
      EXPECT_EQ(result.exit_code, 75) << result.err;
      EXPECT_NE(result.err.find(fmt::format("stopped by {}: continue with --resume", name)), std::string::npos)
          << result.err;
      EXPECT_EQ(result.err.find("haloedge: "), result.err.rfind("haloedge: ")) << "said once: " << result.err;
      EXPECT_GE(journal_bytes(), before);
      EXPECT_FALSE(std::filesystem::exists(output()));
      expect_resumable(options, (ranks + 2) % 5);
    }
  }
}

TEST_F(EdgesStop, TimeLimit) {
  const std::string options = "--type f32 --component direction --compression deflate";
  for (const int ranks : {0, 2}) {
    SCOPED_TRACE(ranks);
    clear();
    Victim victim(arguments(options + " --time-limit 1s"), ranks);
    wait_for_work(victim, 1'000);
    // Stops the ranks for a while, so that the limit passes in the middle of the run on any machine.
    const std::vector<pid_t> held = victim.ranks();
    for (const pid_t rank : held) ::kill(rank, SIGSTOP);
    std::this_thread::sleep_for(std::chrono::milliseconds(1'100));
    for (const pid_t rank : held) ::kill(rank, SIGCONT);
    const RunResult stopped = victim.wait();
    EXPECT_EQ(stopped.exit_code, 75) << stopped.err;
    EXPECT_NE(stopped.err.find("stopped by the time limit"), std::string::npos) << stopped.err;
    expect_resumable(options, 2 - ranks);
  }
}

TEST_F(EdgesStop, OtherFormats) {
  for (const std::string output : {"out.png", "out.jpg", "out.h5 --write parallel", "out.h5 --write gather"}) {
    SCOPED_TRACE(output);
    const std::string job = arguments("--operator scharr", (scratch_ / output).string());
    Victim victim(job, 3);
    const auto partial = scratch_ / fmt::format(".{}.partial", output.substr(0, output.find(' ')));
    while (victim.runs() && !std::filesystem::exists(partial))
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    ::kill(victim.ranks().at(1), SIGUSR1);
    const RunResult stopped = victim.wait();
    EXPECT_EQ(stopped.exit_code, 1) << "only a job that can be continued is to be queued again";
    EXPECT_NE(stopped.err.find("only a TIFF output can be continued"), std::string::npos) << stopped.err;
    EXPECT_TRUE(files().empty()) << files().front();
    EXPECT_EQ(run_haloedge(job + " --resume", {.ranks = 2}).exit_code, 0);
    for (const std::string& name : files()) std::filesystem::remove(scratch_ / name);
  }
}

TEST_F(EdgesStop, ShrinkingInput) {
  const std::string options = "--compression deflate";
  const std::string whole = file_content(image());
  const auto modified = std::filesystem::last_write_time(image());
  for (const int ranks : {0, 3}) {
    Victim victim(arguments(options), ranks);
    wait_for_work(victim, 10'000);
    std::filesystem::resize_file(image(), whole.size() / 4);
    const RunResult result = victim.wait();
    std::filesystem::resize_file(image(), 0);
    std::filesystem::copy_file(copy_of_image(), image(), std::filesystem::copy_options::overwrite_existing);
    std::filesystem::last_write_time(image(), modified);
    EXPECT_EQ(result.exit_code, 1) << result.err;
    EXPECT_NE(result.err.find("in.tif: "), std::string::npos) << result.err;
    EXPECT_NE(result.err.find("kept for --resume with the unchanged input"), std::string::npos) << result.err;
    EXPECT_FALSE(std::filesystem::exists(output()));
    expect_resumable(options, 2);
    clear();
  }
}

/// Tests with an output on a small disk, which is made larger later.
class EdgesFullDisk : public DisturbedEdges {
 protected:
  void TearDown() override {
    if (mounted_) ::umount2((scratch_ / "disk").c_str(), MNT_DETACH);
  }
  bool mount_disk(const char* size) {
    std::filesystem::create_directories(scratch_ / "disk");
    mounted_ = ::mount("tmpfs", (scratch_ / "disk").c_str(), "tmpfs", 0, size) == 0;
    return mounted_;
  }

 private:
  bool mounted_ = false;
};

TEST_F(EdgesFullDisk, Resume) {
  if (!mount_disk("size=3m")) GTEST_SKIP() << "no right to mount a file system";
  const std::string options = "--compression deflate";
  const std::string run = arguments(options, (scratch_ / "disk/out.tif").string());
  for (const int ranks : {0, 3}) {
    ASSERT_EQ(::mount("tmpfs", (scratch_ / "disk").c_str(), "tmpfs", MS_REMOUNT, "size=3m"), 0);
    const RunResult full = run_haloedge(run, {.ranks = ranks});
    EXPECT_EQ(full.exit_code, 1) << full.err;
    EXPECT_NE(full.err.find("No space left on device"), std::string::npos) << full.err;
    EXPECT_NE(full.err.find("--resume"), std::string::npos) << full.err;
    EXPECT_FALSE(std::filesystem::exists(scratch_ / "disk/out.tif"));
    ASSERT_EQ(::mount("tmpfs", (scratch_ / "disk").c_str(), "tmpfs", MS_REMOUNT, "size=200m"), 0);
    const RunResult resumed = run_haloedge(run + " --resume", {.ranks = 3 - ranks});
    EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
    EXPECT_TRUE(file_content(scratch_ / "disk/out.tif") == expected(options));
    std::filesystem::remove(scratch_ / "disk/out.tif");
  }
}

TEST_F(EdgesFullDisk, FoundBeforehand) {
  if (!mount_disk("size=3m")) GTEST_SKIP() << "no right to mount a file system";
  const RunResult full =
      run_haloedge(fmt::format("edges {} -o {}/disk/out.tif", image(), scratch_.path().string()), {.ranks = 2});
  EXPECT_EQ(full.exit_code, 1);
  EXPECT_NE(full.err.find("cannot reserve"), std::string::npos) << full.err;
  EXPECT_TRUE(std::filesystem::is_empty(scratch_ / "disk")) << "nothing was done, nothing is kept";
}

}  // namespace
}  // namespace haloedge

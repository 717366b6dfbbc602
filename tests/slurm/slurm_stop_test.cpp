// Tests jobs whose time is over, or that are told to stop: they stop in good order, go back into the queue where that
// is wanted, and are complete in the end.
#include <vector>

#include <fmt/format.h>

#include "cluster.hpp"
#include "sets.hpp"

namespace haloedge {
namespace {

/// A job that is stopped, and the way in which it is stopped. All cases of a test run at the same time.
struct Case {
  std::string name;
  std::string launcher;
  std::string signal;  ///< options of `scancel`
};

class Stops : public Cluster {
 protected:
  static constexpr int images = 120;

  [[nodiscard]] std::unique_ptr<Job> start(const std::string& output, const std::string& launcher,
                                           const std::string& options = {}) const {
    return submit({"batch.sbatch", fmt::format("set {} --threads 1", output),
                   "--nodes=2 --ntasks-per-node=1 " + options, "LAUNCHER=" + launcher});
  }
  void wait_until_at_work(const std::string& output, const Job& job) const {
    ASSERT_TRUE(soon([&] { return made(output) > 0; })) << job.log();
  }
  /// Checks that the job was stopped before its end, and that all files it has made are right.
  void expect_unfinished(const std::string& output, const std::map<std::string, std::string>& expected) const {
    const auto files = files_below(scratch_ / output);
    EXPECT_LT(files.size(), expected.size());
    for (const auto& [name, content] : files) EXPECT_TRUE(expected.at(name) == content) << name;
  }
};

TEST_F(Stops, Requeue) {
  const auto expected = make_set(images);
  const std::vector<Case> cases{{"ranks", "srun", "--signal=USR1"},
                                {"shell", "srun", "--signal=USR1 --batch"},
                                {"both", "srun", "--signal=USR1 --full"},
                                {"terminated", "srun", "--signal=TERM"},
                                {"mpirun", "mpirun", "--signal=USR1 --batch"}};
  set_delay(1000);
  std::vector<std::unique_ptr<Job>> jobs;
  for (const Case& c : cases) jobs.push_back(start(c.name, c.launcher));
  for (std::size_t i = 0; i < cases.size(); ++i) {
    wait_until_at_work(cases[i].name, *jobs[i]);
    must(fmt::format("scancel {} {}", cases[i].signal, jobs[i]->id()));
  }
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_TRUE(soon([&] { return jobs[i]->was_restarted(); })) << cases[i].name << ": " << jobs[i]->log();
    expect_unfinished(cases[i].name, expected);
  }
  set_delay(0);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(jobs[i]->end(), "COMPLETED 0") << cases[i].name << ": " << jobs[i]->log();
    EXPECT_EQ(difference(files_below(scratch_ / cases[i].name), expected), "") << cases[i].name;
    EXPECT_NE(jobs[i]->log().find("done earlier"), std::string::npos) << jobs[i]->log();
  }
}

TEST_F(Stops, Cancel) {
  const auto expected = make_set(images);
  set_delay(1000);
  const auto by_srun = start("srun", "srun");
  const auto by_mpirun = start("mpirun", "mpirun");
  wait_until_at_work("srun", *by_srun);
  wait_until_at_work("mpirun", *by_mpirun);
  must("scancel " + by_srun->id() + " " + by_mpirun->id());
  EXPECT_EQ(by_srun->end(), "CANCELLED 75") << by_srun->log();
  EXPECT_EQ(by_mpirun->end().substr(0, 9), "CANCELLED") << by_mpirun->log();
  expect_unfinished("srun", expected);
  expect_unfinished("mpirun", expected);
  set_delay(0);
  for (const char* output : {"srun", "mpirun"}) {
    const auto again = start(output, "srun");
    EXPECT_EQ(again->end(), "COMPLETED 0") << again->log();
    EXPECT_EQ(difference(files_below(scratch_ / output), expected), "");
  }
}

TEST_F(Stops, TimeLimit) {
  const auto expected = make_set(800);
  set_delay(1000);
  // Slurm checks time limits every half minute, and warns one check early. With a limit of one minute and a warning of
  // two, the warning comes at the first check.
  const auto warned_by_srun = start("srun", "srun", "--time=1");
  const auto warned_by_mpirun = start("mpirun", "mpirun", "--time=1");
  const auto unwarned = start("unwarned", "srun", "--signal=B:URG@1");
  wait_until_at_work("unwarned", *unwarned);
  must("scontrol update JobId=" + unwarned->id() + " EndTime=now+1");
  EXPECT_EQ(unwarned->end(), "TIMEOUT 75") << unwarned->log();
  expect_unfinished("unwarned", expected);
  EXPECT_TRUE(soon([&] { return warned_by_srun->was_restarted(); })) << warned_by_srun->log();
  EXPECT_TRUE(soon([&] { return warned_by_mpirun->was_restarted(); })) << warned_by_mpirun->log();
  expect_unfinished("srun", expected);
  expect_unfinished("mpirun", expected);
  set_delay(0);
  EXPECT_EQ(warned_by_srun->end(), "COMPLETED 0") << warned_by_srun->log();
  EXPECT_EQ(warned_by_mpirun->end(), "COMPLETED 0") << warned_by_mpirun->log();
  EXPECT_EQ(difference(files_below(scratch_ / "srun"), expected), "");
  EXPECT_EQ(difference(files_below(scratch_ / "mpirun"), expected), "");
}

TEST_F(Stops, ArrayRequeue) {
  const auto expected = make_set(images);
  set_delay(1000);
  const auto job = submit({"batch-array.sbatch", "set out", "--array=0-1"});
  for (const char* part : {"1-of-2", "2-of-2"}) {
    const auto journal = scratch_ / fmt::format("out/.haloedge/part-{}/journal-1-0", part);
    ASSERT_TRUE(soon([&] { return std::filesystem::exists(journal) && std::filesystem::file_size(journal) > 0; }))
        << job->log();
  }
  must("scancel --signal=USR1 --batch " + job->id() + "_1");
  EXPECT_TRUE(soon([&] { return job->field("Restarts", 1) != "0"; })) << job->log();
  EXPECT_EQ(job->field("Restarts", 0), "0");
  set_delay(0);
  EXPECT_EQ(job->end(0), "COMPLETED 0") << job->log();
  EXPECT_EQ(job->end(1), "COMPLETED 0") << job->log();
  EXPECT_EQ(difference(files_below(scratch_ / "out"), expected), "");
}

/// Jobs on one image, whose tiles are slow to read.
class EdgesStops : public Stops {
 protected:
  void SetUp() override {
    Stops::SetUp();
    (void)make_set(images);
    const RunResult result = run_haloedge(fmt::format("edges {} -o {} -q", input(), shared("expected.tif")));
    ASSERT_EQ(result.exit_code, 0) << result.err;
    set_delay(150);  // all tiles are opened once before the work begins
  }
  [[nodiscard]] std::string input() const { return fmt::format("'{}' --grid 20x2", shared("set/0/*.jpg")); }
  [[nodiscard]] std::unique_ptr<Job> start_edges(const std::string& output, const std::string& launcher) const {
    const std::string pattern = shared("set/0/*.jpg");
    return submit({"edges.sbatch", fmt::format("'{}' {}.tif --grid 20x2 --threads 1", pattern, output),
                   "--nodes=2 --ntasks-per-node=1", "LAUNCHER=" + launcher});
  }
  void wait_until_edges_work(const std::string& output, const Job& job) const {
    const auto state = [&](const char* ending) { return scratch_ / fmt::format(".{}.tif.{}", output, ending); };
    const auto begun = [&] {
      return std::filesystem::exists(state("run")) || std::filesystem::exists(state("partial"));
    };
    ASSERT_TRUE(soon(begun)) << job.log();
  }
  void expect_complete(const std::string& output) const {
    EXPECT_TRUE(file_content(scratch_ / (output + ".tif")) == file_content(scratch_ / "expected.tif")) << output;
  }
};

TEST_F(EdgesStops, Requeue) {
  const std::vector<Case> cases{{"ranks", "srun", "--signal=USR1"},
                                {"shell", "srun", "--signal=USR1 --batch"},
                                {"mpirun", "mpirun", "--signal=USR1 --batch"}};
  std::vector<std::unique_ptr<Job>> jobs;
  for (const Case& c : cases) jobs.push_back(start_edges(c.name, c.launcher));
  for (std::size_t i = 0; i < cases.size(); ++i) {
    wait_until_edges_work(cases[i].name, *jobs[i]);
    must(fmt::format("scancel {} {}", cases[i].signal, jobs[i]->id()));
  }
  for (const auto& job : jobs) EXPECT_TRUE(soon([&] { return job->was_restarted(); })) << job->log();
  set_delay(0);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(jobs[i]->end(), "COMPLETED 0") << cases[i].name << ": " << jobs[i]->log();
    expect_complete(cases[i].name);
  }
}

TEST_F(EdgesStops, PlannedScript) {
  must(fmt::format("{} plan {} -o 'a b.tif' --ranks 2 --ranks-per-node 1 --threads 1 --cores 8 --format sbatch >job.sh",
                   haloedge_program().string(), input()));
  const auto job = submit({shared("job.sh"), ""});
  wait_until_edges_work("a b", *job);
  must(fmt::format("scancel --signal=USR1 --batch {}", job->id()));
  EXPECT_TRUE(soon([&] { return job->was_restarted(); })) << job->log();
  set_delay(0);
  EXPECT_EQ(job->end(), "COMPLETED 0") << job->log();
  expect_complete("a b");
}

TEST_F(EdgesStops, Cancel) {
  const auto job = start_edges("out", "srun");
  wait_until_edges_work("out", *job);
  must("scancel " + job->id());
  EXPECT_EQ(job->end(), "CANCELLED 75") << job->log();
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "out.tif"));
  set_delay(0);
  const auto again = start_edges("out", "srun");
  EXPECT_EQ(again->end(), "COMPLETED 0") << again->log();
  expect_complete("out");
}

TEST_F(Stops, RestartLimit) {
  (void)make_set(images);
  set_delay(1000);
  const auto job = submit({"batch.sbatch", "set out --threads 1 --time-limit 1s", "--nodes=1", "MAX_RESTARTS=0"});
  EXPECT_EQ(job->end(), "FAILED 75") << job->log();
  EXPECT_NE(job->log().find("MAX_RESTARTS"), std::string::npos) << job->log();
}

}  // namespace
}  // namespace haloedge

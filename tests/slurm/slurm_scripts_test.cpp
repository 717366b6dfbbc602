// Tests every job script, on one node and on four, started by srun and by mpirun: the bytes are the same as without
// Slurm.
#include <numeric>
#include <regex>
#include <sstream>
#include <vector>

#include <fmt/format.h>
#include <tiffio.h>

#include "cluster.hpp"
#include "pictures.hpp"
#include "sets.hpp"

namespace haloedge {
namespace {

namespace fs = std::filesystem;

/// The launcher and the number of nodes of a submission.
struct Start {
  std::string launcher;
  int nodes;

  [[nodiscard]] std::string environment() const { return "LAUNCHER=" + launcher; }
  [[nodiscard]] std::string options() const { return "--nodes=" + std::to_string(nodes); }
  [[nodiscard]] std::string name() const { return launcher + std::to_string(nodes); }
};

const std::vector<Start> starts{{"srun", 1}, {"srun", 4}, {"mpirun", 1}, {"mpirun", 4}};

class Scripts : public Cluster {
 protected:
  /// Returns the path of a report that a job left beside its output.
  [[nodiscard]] std::string report(const std::string& output, const Job& job, const std::string& ending) const {
    return shared(output + "-" + job.id() + ending);
  }
  /// Returns the paths of files that jobs left on the nodes' own disks.
  [[nodiscard]] static std::string left_on_nodes() {
    std::string left;
    for (const char* host : {"n1", "n2", "n3", "n4"}) {
      left += lab(fmt::format("on {} find /tmp -name 'haloedge-*-[0-9]*'", host)).out;
    }
    return left;
  }
};

class EdgesScripts : public Scripts {
 protected:
  void SetUp() override {
    Scripts::SetUp();
    // There are more rows of tiles than ranks, because tiles would be lower otherwise.
    write_tiff(make_picture(600, 2600, 3), scratch_ / "in.tif", TiffForm::tiles, COMPRESSION_LZW);
    const RunResult result = run_haloedge(fmt::format("edges {} -o {}", shared("in.tif"), shared("expected.tif")));
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }
  void expect_same(const std::string& output) const {
    EXPECT_TRUE(file_content(scratch_ / output) == file_content(scratch_ / "expected.tif")) << output;
  }
};

TEST_F(EdgesScripts, SameBytes) {
  std::vector<std::unique_ptr<Job>> jobs;
  for (const Start& start : starts) {
    jobs.push_back(
        submit({"edges.sbatch", "in.tif " + start.name() + ".tif --type u8", start.options(), start.environment()}));
  }
  for (std::size_t i = 0; i < starts.size(); ++i) {
    EXPECT_EQ(jobs[i]->end(), "COMPLETED 0") << jobs[i]->log();
    expect_same(starts[i].name() + ".tif");
    EXPECT_NE(file_content(report(starts[i].name(), *jobs[i], ".json")).find("\"ranks\""), std::string::npos);
  }
}

TEST_F(EdgesScripts, OwnDisks) {
  const auto one = submit({"edges.sbatch", "in.tif one.tif", "--nodes=1", "STAGE=/tmp"});
  const auto four = submit({"edges.sbatch", "in.tif four.tif", "--nodes=4", "STAGE=/tmp"});
  EXPECT_EQ(one->end(), "COMPLETED 0") << one->log();
  EXPECT_EQ(four->end(), "COMPLETED 0") << four->log();
  expect_same("one.tif");
  expect_same("four.tif");
  EXPECT_NE(file_content(report("one", *one, ".json")).find("\"path\": \"/tmp/haloedge-"), std::string::npos);
  EXPECT_EQ(left_on_nodes(), "");
}

TEST_F(Scripts, OwnDisksAgain) {
  (void)make_set(3);
  EXPECT_EQ(submit({"batch.sbatch", "set staged", "--nodes=1", "STAGE=/tmp"})->end(), "COMPLETED 0");
  const auto again = submit({"batch.sbatch", "set staged", "--nodes=1", "STAGE=/tmp"});
  EXPECT_EQ(again->end(), "COMPLETED 0") << again->log();
  EXPECT_NE(again->log().find("3 done earlier"), std::string::npos) << again->log();
  EXPECT_EQ(left_on_nodes(), "");
}

TEST_F(EdgesScripts, OwnGpu) {
  for (const Start& start : starts) {
    fs::remove(scratch_ / "ranks.log");
    const auto job =
        submit({"edges-gpu.sbatch", "in.tif " + start.name() + ".tif",
                start.options() + " --ntasks-per-node=2 --cpus-per-task=1", start.environment() + " BACKEND=auto"});
    EXPECT_EQ(job->end(), "COMPLETED 0") << job->log();
    expect_same(start.name() + ".tif");
    const std::string seen = file_content(scratch_ / "ranks.log");
    // With mpirun, a rank sees all GPUs of its node, and haloedge takes them in turn.
    for (const char* gpus : {"GPUs: 0", "GPUs: 1"}) {
      EXPECT_EQ(seen.find(fmt::format("n1 {}\n", gpus)) != std::string::npos, start.launcher == "srun") << seen;
    }
    EXPECT_EQ(seen.find(fmt::format("n{} GPUs: 0,1\n", start.nodes)) != std::string::npos, start.launcher == "mpirun")
        << seen;
  }
}

TEST_F(Scripts, BatchSameBytes) {
  const auto expected = make_set(40);
  std::vector<std::unique_ptr<Job>> jobs;
  for (const Start& start : starts) {
    jobs.push_back(submit({"batch.sbatch", "set " + start.name(), start.options(), start.environment()}));
  }
  for (std::size_t i = 0; i < starts.size(); ++i) {
    EXPECT_EQ(jobs[i]->end(), "COMPLETED 0") << jobs[i]->log();
    EXPECT_EQ(difference(files_below(scratch_ / starts[i].name()), expected), "");
    EXPECT_NE(file_content(report(starts[i].name(), *jobs[i], ".json")).find("\"images\""), std::string::npos);
    const std::string record = file_content(report(starts[i].name(), *jobs[i], ".txt"));
    for (const std::string& part :
         {"launcher: " + starts[i].launcher, std::string("libtiff"), fmt::format("SLURM_NNODES={}", starts[i].nodes)}) {
      EXPECT_NE(record.find(part), std::string::npos) << record;
    }
  }
}

TEST_F(Scripts, BatchOwnDisks) {
  const auto expected = make_set(40);
  const auto one = submit({"batch.sbatch", "set ./one.d/", "--nodes=1", "STAGE=/tmp"});
  const auto four = submit({"batch.sbatch", shared("set") + " four", "--nodes=4", "STAGE=/tmp"});
  EXPECT_EQ(one->end(), "COMPLETED 0") << one->log();
  EXPECT_EQ(four->end(), "COMPLETED 0") << four->log();
  EXPECT_EQ(difference(files_below(scratch_ / "one.d"), expected), "");
  EXPECT_TRUE(fs::exists(report("one", *one, ".json")));
  EXPECT_EQ(difference(files_below(scratch_ / "four"), expected), "");
  EXPECT_EQ(left_on_nodes(), "");
}

TEST_F(Scripts, Array) {
  const auto expected = make_set(40);
  must("find set -name '*.jpg' | sort >list");
  const auto lines = submit({"batch-array.sbatch", "@list lines", "--array=0-2 --cpus-per-task=2"});
  const auto folder = submit({"batch-array.sbatch", "set folder", "--array=0-2 --cpus-per-task=2 --nodes=2"});
  for (const auto& [job, made] : {std::pair{&lines, "lines/set"}, {&folder, "folder"}}) {
    for (int task = 0; task < 3; ++task) EXPECT_EQ((*job)->end(task), "COMPLETED 0") << (*job)->log();
    EXPECT_EQ(difference(files_below(scratch_ / made), expected), "");
  }
  for (int task = 0; task < 3; ++task) {
    EXPECT_TRUE(fs::exists(scratch_ / fmt::format("lines-{}_{}.json", lines->id(), task)));
  }
  const auto cut_otherwise = submit({"batch-array.sbatch", "@list lines", "--array=2"});
  EXPECT_EQ(cut_otherwise->end(2), "FAILED 2");
  EXPECT_NE(cut_otherwise->log().find("set PARTS"), std::string::npos) << cut_otherwise->log();
  const auto again = submit({"batch-array.sbatch", "@list lines", "--array=2", "PARTS=3"});
  EXPECT_EQ(again->end(2), "COMPLETED 0") << again->log();
}

TEST_F(Scripts, Memory) {
  (void)make_set(3);
  const auto of_node = submit({"batch.sbatch", "set of_node", "--nodes=1 --mem=400"});
  const auto of_cpus = submit({"batch.sbatch", "set of_cpus", "--nodes=1 --cpus-per-task=2 --mem-per-cpu=100"});
  for (const auto& [job, name] : {std::pair{&of_node, "of_node"}, {&of_cpus, "of_cpus"}}) {
    EXPECT_EQ((*job)->end(), "COMPLETED 0") << (*job)->log();
    const std::string report_text = file_content(report(name, **job, ".json"));
    EXPECT_NE(report_text.find("\"memory_limit_bytes\": 157286400"), std::string::npos) << report_text;
  }
}

TEST_F(Scripts, ExitCodes) {
  (void)make_set(3);
  write_bytes(scratch_ / "set/broken.png", "no PNG");
  struct Case {
    Submission submission;
    std::string end;
    std::string message{};
  };
  const std::vector<Case> cases{
      {{"batch.sbatch", "set"}, "FAILED 2", "usage: sbatch batch.sbatch INPUT OUTPUT"},
      {{"batch.sbatch", "@gone out", "--nodes=1"}, "FAILED 1"},
      {{"batch.sbatch", "gone out", "--nodes=1", "STAGE=/tmp"}, "FAILED 2"},
      {{"batch.sbatch", "set out3", "--nodes=1"}, "FAILED 3"},
      {{"batch.sbatch", "set mpirun3", "--nodes=1", "LAUNCHER=mpirun"}, "FAILED 3"},
      {{"batch.sbatch", "set out --no-such", "--nodes=1"}, "FAILED 2"},
      {{"batch.sbatch", "set out --overwrite", "--nodes=1"}, "FAILED 2", "Remove the output instead"},
      {{"batch.sbatch", "set -o out", "--nodes=1"}, "FAILED 2", "INPUT and OUTPUT come first"},
      {{"batch.sbatch", "set/* out", "--nodes=1"}, "FAILED 2", "quote patterns"},
      {{"batch-array.sbatch", "set out", "--array=0", "STAGE=/tmp"}, "FAILED 2", "unset STAGE"}};
  std::vector<std::unique_ptr<Job>> jobs;
  for (const Case& c : cases) jobs.push_back(submit(c.submission));
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(jobs[i]->end(), cases[i].end) << cases[i].submission.arguments << '\n' << jobs[i]->log();
    EXPECT_NE(jobs[i]->log().find(cases[i].message), std::string::npos) << jobs[i]->log();
  }
}

TEST_F(Scripts, Scaling) {
  write_tiff(make_picture(600, 2000, 3), scratch_ / "in.tif", TiffForm::tiles, COMPRESSION_NONE);
  std::vector<std::unique_ptr<Job>> jobs;
  for (const char* kind : {"strong", "weak"}) {
    jobs.push_back(submit({fmt::format("scaling-{}.sbatch", kind), fmt::format("{} in.tif", kind),
                           "--nodes=2 --ntasks-per-node=2", "REPEATS=1"}));
  }
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    EXPECT_EQ(jobs[i]->end(), "COMPLETED 0") << jobs[i]->log();
    EXPECT_GE(std::distance(fs::directory_iterator(scratch_ / (i == 0 ? "strong" : "weak")), {}), 2);
  }
}

/// Returns the numbers of a job's tasks, for Job::end().
std::vector<int> tasks(const Submission& submission) {
  const std::regex last_task("--array=0-([0-9]+)");
  std::smatch parts;
  if (!std::regex_search(submission.options, parts, last_task)) return {-1};
  std::vector<int> all(std::stoul(parts[1]) + 1);
  std::iota(all.begin(), all.end(), 0);
  return all;
}

/// Returns the lines of a page that submit a job script: its options, its name and its arguments.
std::vector<Submission> submissions(const fs::path& page) {
  std::vector<Submission> found;
  std::istringstream text(file_content(page));
  const std::regex form(R"(sbatch (.*?)slurm/([a-z-]+\.sbatch) (.*?)( +#.*)?)");
  std::smatch parts;
  for (std::string line; std::getline(text, line);) {
    if (std::regex_match(line, parts, form)) found.push_back({parts[2], parts[3], parts[1]});
  }
  return found;
}

TEST_F(Scripts, CommandsOfThePages) {
  (void)make_set(8);
  must("mv set photos && find photos -name '*.jpg' | sort >list.txt");
  write_tiff(make_picture(600, 2600, 3), scratch_ / "world.tif", TiffForm::tiles, COMPRESSION_NONE);
  const fs::path pages = HALOEDGE_JOB_SCRIPTS;
  for (const fs::path& page : {pages.parent_path() / "README.md", pages / "README.md"}) {
    const auto all = submissions(page);
    EXPECT_FALSE(all.empty()) << page;
    for (const Submission& submission : all) {
      const auto job = submit(submission);
      for (const int task : tasks(submission)) {
        EXPECT_EQ(job->end(task), "COMPLETED 0") << submission.script << '\n' << job->log();
      }
      must("rm -rf edges.tif photo_edges");
    }
  }
}

}  // namespace
}  // namespace haloedge

#include "cluster.hpp"

#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "pictures.hpp"
#include "sets.hpp"

namespace haloedge {

namespace fs = std::filesystem;

Cluster::Cluster() {
  set_delay(0);
  write_bytes(scratch_ / "haloedge",
              fmt::format("#!/bin/sh\n"
                          "[ -z \"$PMIX_RANK\" ] || echo \"$(hostname) GPUs: $CUDA_VISIBLE_DEVICES\" >>{}\n"
                          "SLOW_FILES={} LD_PRELOAD={} exec {} \"$@\"\n",
                          shared("ranks.log"), shared("delay"), HALOEDGE_SLOW_FILES, haloedge_program().string()));
  fs::permissions(scratch_ / "haloedge", fs::perms::owner_all);
}

void Cluster::SetUp() {
  if (std::getenv("LAB") == nullptr) GTEST_SKIP() << "this is to be started by tests/slurm/lab.sh";
}

std::unique_ptr<Job> Cluster::submit(const Submission& submission) const {
  Submission with_program = submission;
  with_program.environment += " HALOEDGE=" + shared("haloedge");
  return std::make_unique<Job>(with_program, scratch_.path().string());
}

void Cluster::must(const std::string& command) const {
  const RunResult result = run_shell("cd " + scratch_.path().string() + " && " + command);
  EXPECT_EQ(result.exit_code, 0) << command << ": " << result.err;
}

RunResult Cluster::lab(const std::string& arguments) { return run_shell(HALOEDGE_LAB " " + arguments); }

void Cluster::set_delay(int milliseconds) const { write_bytes(scratch_ / "delay", std::to_string(milliseconds)); }

std::map<std::string, std::string> Cluster::make_set(int count) const {
  const Picture large = make_picture(500, 400, 3);
  constexpr int different = 20;
  for (int i = 0; i < count; ++i) {
    const fs::path path = scratch_ / fmt::format("set/{}/{}.jpg", i % 3, i);
    fs::create_directories(path.parent_path());
    if (i < different) {
      write_jpeg(crop(large, 3 * i, 5 * i, 200, 300), path);
    } else {
      fs::create_hard_link(scratch_ / fmt::format("set/{}/{}.jpg", i % different % 3, i % different), path);
    }
  }
  const RunResult result = run_haloedge(fmt::format("batch {} -o {} -q", shared("set"), shared("expected")));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return files_below(scratch_ / "expected");
}

std::size_t Cluster::made(const std::string& folder) const {
  std::size_t count = 0;
  std::error_code gone;  // set if the folder does not exist yet
  for (fs::recursive_directory_iterator entry(scratch_ / folder, gone), end; !gone && entry != end;
       entry.increment(gone)) {
    if (entry->path().extension() == ".png") ++count;
  }
  return count;
}

}  // namespace haloedge

// Tests what `plan` says about a job, with and without a file, and how it uses the report of a run.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <tiffio.h>

#include "pictures.hpp"
#include "program.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

class Plan : public testing::Test {
 protected:
  [[nodiscard]] std::string folder() const { return scratch_.path().string(); }

  static std::string out_of(const std::string& arguments) {
    const RunResult run = run_haloedge(arguments, {.timeout_seconds = 60});
    EXPECT_EQ(run.exit_code, 0) << arguments << '\n' << run.err;
    return run.out;
  }

  static nlohmann::json json_of(const std::string& arguments) {
    return nlohmann::json::parse(out_of(arguments + " --format json"), nullptr, false);
  }

  ScratchFolder scratch_;
};

const std::string huge = "plan --size 1000000x1000000 --ranks-per-node 8 --threads 4 --cores 32 --memory 4G";

TEST_F(Plan, WithoutAFile) {
  const std::string text = out_of(huge + " --ranks 4096");
  EXPECT_TRUE(text.starts_with("The job fits: a rank needs ")) << text;
  for (const char* words : {"on 4,096 ranks of 4 threads, on 512 nodes", "1,000,000 x 1,000,000 px", "assumed",
                            "halo not hidden", "file system", "#SBATCH --nodes=512", "--format json lists all"}) {
    EXPECT_NE(text.find(words), std::string::npos) << words << " is not in\n" << text;
  }
  EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 100);
}

TEST_F(Plan, AdviceOnRanks) {
  const auto advice = [](const std::string& options) {
    const std::string text = out_of("plan --cores 4 --threads 1 " + options);
    const std::size_t begin = text.find('\n', text.find('\n') + 1) + 1;  // the third line
    return text.substr(begin, text.find('\n', begin) - begin);
  };
  EXPECT_TRUE(advice("--size 100000x100000 --ranks 1").starts_with("More ranks would help: ")) << advice("--size 9x9");
  EXPECT_TRUE(
      advice("--size 300x300 --ranks 64").starts_with("Fewer ranks would be faster: the efficiency of 64 ranks is "));
  EXPECT_TRUE(advice("--size 300x300 --ranks 1").starts_with("The number of ranks is good: "));
}

TEST_F(Plan, Json) {
  const auto plan = json_of(huge + " --ranks 1000");
  ASSERT_EQ(plan.at("per_rank").size(), 1000U);
  std::int64_t rows = 0;
  for (const auto& rank : plan.at("per_rank")) rows += rank.at("rows").get<std::int64_t>();
  EXPECT_EQ(rows, 1'000'000);
  EXPECT_EQ(plan.at("per_rank").front().at("halo_bytes_sent"), 1'000'000);
  EXPECT_EQ(plan.at("per_rank").at(1).at("halo_bytes_sent"), 2'000'000);
  EXPECT_EQ(plan.at("write"), "parallel");
  const auto& scaling = plan.at("scaling");
  EXPECT_EQ(scaling.front().at("ranks"), 1);
  EXPECT_DOUBLE_EQ(scaling.front().at("efficiency").get<double>(), 1.0);
  double seconds = 0;
  for (const auto& [phase, value] : plan.at("prediction").at("phase_seconds").items()) seconds += value.get<double>();
  EXPECT_GE(seconds, plan.at("prediction").at("seconds").get<double>());
}

TEST_F(Plan, Gather) {
  const auto plan = json_of(huge + " --ranks 64 --write gather");
  EXPECT_EQ(plan.at("per_rank").at(0).at("bytes_written"), 1'000'000'000'000);
  EXPECT_EQ(plan.at("per_rank").at(1).at("bytes_written"), 0);
  EXPECT_GT(plan.at("per_rank").at(1).at("bytes_sent"), 0);
  EXPECT_EQ(plan.at("prediction").at("dominating"), "gather");
  // Formats that only rank 0 can write are gathered without --write.
  EXPECT_EQ(json_of("plan --size 1000x1000 --ranks 4 -o e.png").at("write"), "gather");
}

TEST_F(Plan, SequentialFormats) {
  write_png(make_picture(400, 1024, 3), scratch_ / "in.png");
  const auto plan = json_of(fmt::format("plan {}/in.png --ranks 4 --ranks-per-node 4", folder()));
  const auto& ranks = plan.at("per_rank");
  EXPECT_EQ(ranks.at(0).at("bytes_sent"), 400 * 768 * 3);
  EXPECT_EQ(ranks.at(1).at("bytes_read"), 0);
  EXPECT_NEAR(ranks.at(0).at("bytes_read").get<double>(),
              static_cast<double>(std::filesystem::file_size(scratch_ / "in.png")), 4);
}

TEST_F(Plan, MemoryIsEnough) {
  write_png(make_picture(3000, 1024, 3), scratch_ / "in.png");
  write_tiff(make_picture(3000, 1024, 3), scratch_ / "in.tif", TiffForm::tiles, COMPRESSION_LZW);
  for (const char* name : {"in.png", "in.tif"}) {
    std::int64_t bytes = 0;
    const auto plan = json_of(fmt::format("plan {}/{} --ranks 3 --threads 1 --cores 3", folder(), name));
    for (const auto& rank : plan.at("per_rank")) {
      bytes = std::max(bytes, rank.at("memory_planned_bytes").get<std::int64_t>());
    }
    const RunResult run = run_haloedge(
        fmt::format("edges {0}/{1} -o {0}/out.tif --overwrite --threads 1 --memory {2}B", folder(), name, bytes),
        {.ranks = 3});
    EXPECT_EQ(run.exit_code, 0) << run.err;
  }
}

TEST_F(Plan, Bandwidth) {
  const auto slow = json_of(huge + " --ranks 512 --fs-bandwidth 1GB/s");
  const auto fast = json_of(huge + " --ranks 512 --fs-bandwidth 100GB/s");
  EXPECT_GT(slow.at("prediction").at("seconds"), 3900.0);  // 4 TB through 1 GB/s
  EXPECT_LT(fast.at("prediction").at("seconds"), slow.at("prediction").at("seconds"));
  EXPECT_EQ(fast.at("machine").at("file system").at("origin"), "given");
}

TEST_F(Plan, Script) {
  write_tiff(make_picture(300, 300, 3), scratch_ / "it's.tif", TiffForm::tiles, COMPRESSION_NONE);
  const std::string script = out_of(fmt::format(
      "plan \"{0}/it's.tif\" -o '{0}/a b.tif' --ranks 6 --ranks-per-node 2 --threads 3 --compression deflate "
      "--format sbatch",
      folder()));
  for (const char* line :
       {"#!/bin/bash\n", "#SBATCH --nodes=3\n", "#SBATCH --ntasks=6\n", "#SBATCH --ntasks-per-node=2\n",
        "#SBATCH --cpus-per-task=3\n", "#SBATCH --mem=", "#SBATCH --time=00:", "#SBATCH --signal=B:USR1@120\n",
        "#SBATCH --requeue\n", "#SBATCH --open-mode=append\n", "--compression deflate\n"}) {
    EXPECT_NE(script.find(line), std::string::npos) << line << " is not in\n" << script;
  }
  std::ofstream(scratch_ / "job.sh") << script;
  EXPECT_EQ(run_shell(fmt::format("bash -n {}/job.sh", folder())).exit_code, 0) << script;
  // The script passes the names on unchanged. Slurm is not needed: mpirun starts the ranks.
  std::ofstream(scratch_ / "srun") << "#!/bin/sh\n";
  std::filesystem::permissions(scratch_ / "srun", std::filesystem::perms::owner_all);
  const RunResult run = run_shell(fmt::format(
      "PATH={0}:$PATH HALOEDGE={1} LAUNCHER=mpirun SLURM_JOB_ID=1 SLURM_JOB_NAME=job SLURM_NNODES=1 SLURM_NTASKS=2 "
      "bash {0}/job.sh",
      folder(), haloedge_program().string()));
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_TRUE(std::filesystem::exists(scratch_ / "a b.tif"));
  EXPECT_TRUE(std::filesystem::exists(scratch_ / "a b-1.json"));
}

TEST_F(Plan, ScriptWithoutScriptsFolder) {
  const std::filesystem::path moved = scratch_ / "elsewhere/bin/haloedge";
  std::filesystem::create_directories(moved.parent_path());
  std::filesystem::copy_file(haloedge_program(), moved);
  const RunResult plan = run_shell(fmt::format("{} plan --size 100x100 --format sbatch", moved.string()));
  ASSERT_EQ(plan.exit_code, 0) << plan.err;
  std::ofstream(scratch_ / "job.sh") << plan.out;
  const RunResult job = run_shell(fmt::format("bash {}/job.sh in.tif", folder()));
  EXPECT_NE(job.exit_code, 0);
  EXPECT_NE(job.err.find("HALOEDGE_SLURM: must be set to the folder of edges.sbatch"), std::string::npos) << job.err;
}

TEST_F(Plan, Calibration) {
  write_tiff(make_picture(1500, 1200, 3), scratch_ / "in.tif", TiffForm::tiles, COMPRESSION_NONE);
  const std::string edges = fmt::format(
      "edges {0}/in.tif -o {0}/o.tif --overwrite -q --threads 1 --compression deflate --report {0}/", folder());
  ASSERT_EQ(run_haloedge(edges + "one.json").exit_code, 0);
  ASSERT_EQ(run_haloedge(edges + "two.json --write gather", {.ranks = 2}).exit_code, 0);
  const std::string plan = fmt::format("plan {0}/in.tif --ranks 4 --calibrate {0}/one.json", folder());
  const auto alike = json_of(plan + fmt::format(" --calibrate {}/two.json --compression deflate", folder()));
  for (const char* name : {"decode", "filter", "encode", "write", "compressed to", "start of a rank"}) {
    EXPECT_EQ(alike.at("machine").at(name).at("origin"), "measured") << name;
  }
  // A run with Deflate says nothing about Zstandard.
  EXPECT_EQ(json_of(plan + " --compression zstd").at("machine").at("encode").at("origin"), "assumed");
}

TEST_F(Plan, NoReport) {
  std::ofstream(scratch_ / "r.json") << "{\"haloedge\": \"0.0.1\"}";
  std::ofstream(scratch_ / "text.json") << "no JSON";
  for (const char* name : {"r.json", "text.json", "missing.json"}) {
    const RunResult run = run_haloedge(fmt::format("plan --size 100x100 --calibrate {}/{}", folder(), name));
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_NE(run.err.find(name), std::string::npos) << run.err;
  }
}

TEST_F(Plan, UsageErrors) {
  for (const char* arguments : {"plan", "plan in.tif --size 10x10", "plan in.tif --channels 1",
                                "plan --size 10x10 -o e.png --write parallel", "plan --size 10x10 -o e.xyz"}) {
    const RunResult run = run_haloedge(arguments);
    EXPECT_EQ(run.exit_code, 2) << arguments << run.out;
    EXPECT_EQ(run.out, "");
  }
}

}  // namespace
}  // namespace haloedge

// Tests the commands split, info and plan, reports and traces, and what the user sees.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/mount.h>
#include <tiffio.h>

#include "pictures.hpp"
#include "program.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

class Commands : public testing::Test {
 protected:
  [[nodiscard]] std::string folder() const { return scratch_.path().string(); }
  ScratchFolder scratch_;
};

TEST_F(Commands, SplitRoundTrip) {
  const Picture picture = make_picture(203, 157, 3);
  write_tiff(picture, scratch_ / "in.tif", TiffForm::tiles, COMPRESSION_LZW);
  write_png(picture, scratch_ / "in.png");
  ASSERT_EQ(run_haloedge(fmt::format("edges {0}/in.tif -o {0}/whole.tif -q", folder())).exit_code, 0);
  for (const std::string input : {"in.tif", "in.png"}) {
    for (const std::string format : {"tiff", "png"}) {
      for (const int ranks : {0, 3}) {
        const RunResult run = run_haloedge(
            fmt::format("split {0}/{1} -o {0}/parts --grid 3x2 --format {2} --overwrite", folder(), input, format),
            {.ranks = ranks});
        ASSERT_EQ(run.exit_code, 0) << run.err;
        const std::string ending = format == "png" ? "png" : "tif";
        const auto read = format == "png" ? read_png : read_tiff;
        EXPECT_TRUE(read(scratch_ / ("parts/part_0_0." + ending)) == crop(picture, 0, 0, 52, 101));
        EXPECT_TRUE(read(scratch_ / ("parts/part_2_1." + ending)) == crop(picture, 104, 101, 53, 102));
        ASSERT_EQ(run_haloedge(fmt::format("edges '{0}/parts/part_*.{1}' --grid 3x2 -o {0}/again.tif -q --overwrite",
                                           folder(), ending),
                               {.ranks = ranks})
                      .exit_code,
                  0);
        EXPECT_TRUE(read_tiff(scratch_ / "again.tif") == read_tiff(scratch_ / "whole.tif"));
      }
    }
  }
  EXPECT_EQ(run_haloedge(fmt::format("split {0}/in.tif -o {0}/parts --grid 3x2", folder())).exit_code, 1);
  EXPECT_EQ(run_haloedge(fmt::format("split {0}/in.tif -o {0}/other --grid 300x2", folder())).exit_code, 2);
  const RunResult pattern = run_haloedge(fmt::format("split '{0}/parts/*.tif' -o {0}/other --grid 2x2", folder()));
  EXPECT_EQ(pattern.exit_code, 2);
  EXPECT_NE(pattern.err.find("only edges, info and plan read a pattern of tile files"), std::string::npos)
      << pattern.err;
  const RunResult small = run_haloedge(fmt::format("split {0}/in.tif -o {0}/other --grid 2x2 --memory 2M", folder()));
  EXPECT_EQ(small.exit_code, 1);
  EXPECT_NE(small.err.find("program 48.0 MiB"), std::string::npos) << small.err;
  const std::size_t advice = small.err.find("--memory 4") + std::string("--memory ").size();
  EXPECT_EQ(run_haloedge(fmt::format("split {0}/in.tif -o {0}/other --grid 2x2 --memory {1}", folder(),
                                     small.err.substr(advice, small.err.find(' ', advice) - advice)))
                .exit_code,
            0)
      << small.err;
}

TEST_F(Commands, SplitFullDisk) {
  const std::filesystem::path disk = scratch_ / "disk";
  std::filesystem::create_directory(disk);
  if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=100k") != 0) GTEST_SKIP() << "needs the right to mount";
  write_tiff(make_picture(600, 500, 1), scratch_ / "in.tif", TiffForm::strips, COMPRESSION_NONE);
  for (const char* grid : {"1x1", "4x4", "50x50"}) {
    const RunResult run = run_haloedge(fmt::format("split {0}/in.tif -o {0}/disk/parts --grid {1}", folder(), grid));
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_NE(run.err.find("No space left on device"), std::string::npos) << run.err;
    std::filesystem::remove_all(disk / "parts");
  }
  ::umount(disk.c_str());
}

TEST_F(Commands, SplitKeepsDepth) {
  for (const auto type : {kernels::SampleType::u16, kernels::SampleType::f32}) {
    const Picture picture = make_picture(50, 40, 1, type);
    write_tiff(picture, scratch_ / "in.tif", TiffForm::strips, COMPRESSION_NONE);
    ASSERT_EQ(run_haloedge(fmt::format("split {0}/in.tif -o {0}/parts --grid 1x2 --overwrite", folder())).exit_code, 0);
    EXPECT_TRUE(read_tiff(scratch_ / "parts/part_0_1.tif") == crop(picture, 0, 25, 40, 25));
  }
}

TEST_F(Commands, SplitOverwrites) {
  const Picture picture = make_picture(50, 40, 1);
  write_tiff(picture, scratch_ / "in.tif", TiffForm::strips, COMPRESSION_NONE);
  std::filesystem::create_directories(scratch_ / "parts/part_1_1.tif");
  for (const char* name : {"part_of_my_scan.tif", "part_1_x.tif", "part_0_0.txt"}) {
    std::ofstream(scratch_ / (std::string("parts/") + name)) << "mine";
  }
  const std::string split = fmt::format("split {0}/in.tif -o {0}/parts ", folder());
  const std::vector<std::string> others = scratch_.files();
  ASSERT_EQ(run_haloedge(split + "--grid 3x1").exit_code, 0) << "these are no tiles";
  EXPECT_EQ(run_haloedge(split + "--grid 1x2").exit_code, 1);
  // Tiles of the old grid do not mix with the new ones.
  ASSERT_EQ(run_haloedge(split + "--grid 1x2 --overwrite", {.ranks = 2}).exit_code, 0);
  std::vector<std::string> expected = others;
  expected.insert(expected.end(), {"part_0_0.tif", "part_0_1.tif"});
  std::vector<std::string> files = scratch_.files();
  std::ranges::sort(expected);
  std::ranges::sort(files);
  EXPECT_EQ(files, expected);
  // The input may be a tile, which would be replaced or removed.
  for (const char* grid : {"1x2", "1x1"}) {
    const RunResult run =
        run_haloedge(fmt::format("split {0}/parts/part_0_1.tif -o {0}/parts --grid {1} --overwrite", folder(), grid));
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_NE(run.err.find("part_0_1.tif: is the input itself"), std::string::npos) << run.err;
  }
  EXPECT_TRUE(read_tiff(scratch_ / "parts/part_0_1.tif") == crop(picture, 0, 25, 40, 25));
  EXPECT_EQ(run_haloedge(fmt::format("split {0}/in.tif -o {0}/x.h5:/x --grid 1x2", folder())).exit_code, 2);
}

TEST_F(Commands, Info) {
  write_tiff(make_picture(203, 157, 3), scratch_ / "in.tif", TiffForm::tiles, COMPRESSION_LZW);
  const RunResult run = run_haloedge(fmt::format("info {}/in.tif", folder()), {.ranks = 2});
  EXPECT_EQ(run.exit_code, 0);
  for (const char* words : {"203 x 157 px", "3 samples of 8 bits", "64 x 64 px", "LZW, predictor 2", "every rank"}) {
    EXPECT_NE(run.out.find(words), std::string::npos) << words << " is not in\n" << run.out;
  }
}

TEST_F(Commands, Plan) {
  write_tiff(make_picture(500, 2000, 3), scratch_ / "in.tif", TiffForm::tiles, COMPRESSION_NONE);
  for (const int ranks : {0, 2}) {
    const RunResult run =
        run_haloedge(fmt::format("plan {}/in.tif --ranks 4", folder()), {.ranks = ranks, .timeout_seconds = 30});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    EXPECT_NE(run.out.find("1,536"), std::string::npos)
        << run.out;  // the last rank's first row: 8 tile rows over 4 ranks
    EXPECT_NE(run.out.find("memory"), std::string::npos);
  }
  const RunResult small = run_haloedge(fmt::format("plan {}/in.tif --ranks 4 --memory 1M", folder()));
  EXPECT_EQ(small.exit_code, 1);
  EXPECT_NE(small.err.find("run with --memory"), std::string::npos) << small.err;
}

TEST_F(Commands, ReportAndTrace) {
  write_tiff(make_picture(500, 700, 3), scratch_ / "in.tif", TiffForm::tiles, COMPRESSION_LZW);
  const RunResult run = run_haloedge(
      fmt::format("edges {0}/in.tif -o {0}/out.tif --compression deflate --report {0}/r.json --trace {0}/t.json",
                  folder()),
      {.ranks = 3});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.out.find("Mpx/s"), std::string::npos) << run.out;
  const auto report = nlohmann::json::parse(file_content(scratch_ / "r.json"));
  EXPECT_EQ(report.at("ranks"), 3);
  EXPECT_EQ(report.at("input").at("width"), 500);
  ASSERT_EQ(report.at("per_rank").size(), 3U);
  std::int64_t rows = 0;
  for (const auto& rank : report.at("per_rank")) {
    rows += rank.at("rows").get<std::int64_t>();
    EXPECT_GT(rank.at("peak_resident_bytes"), 1 << 20);
    EXPECT_GT(rank.at("phase_seconds").at("encode"), 0.0);
  }
  EXPECT_EQ(rows, 700);
  EXPECT_EQ(report.at("output").at("bytes"), std::filesystem::file_size(scratch_ / "out.tif"));
  const auto trace = nlohmann::json::parse(file_content(scratch_ / "t.json"));
  std::set<int> ranks;
  std::set<std::string> phases;
  std::set<std::string> lanes;
  for (const auto& event : trace.at("traceEvents")) {
    ranks.insert(event.at("pid").get<int>());
    phases.insert(event.at("name").get<std::string>());
    if (event.at("name") == "thread_name") lanes.insert(event.at("args").at("name").get<std::string>());
  }
  EXPECT_EQ(lanes.count("main"), 1U);
  EXPECT_EQ(ranks, (std::set<int>{0, 1, 2}));
  for (const char* phase : {"decode", "gray", "filter", "encode", "halo"}) EXPECT_EQ(phases.count(phase), 1U) << phase;
}

TEST_F(Commands, QuietAndProgress) {
  write_tiff(make_picture(500, 700, 3), scratch_ / "in.tif", TiffForm::tiles, COMPRESSION_LZW);
  const RunResult quiet = run_haloedge(fmt::format("edges {0}/in.tif -o {0}/out.tif -q", folder()), {.ranks = 2});
  EXPECT_EQ(quiet.exit_code, 0);
  EXPECT_EQ(quiet.out + quiet.err, "");
  // A short job leaves nothing in a log.
  EXPECT_EQ(run_haloedge(fmt::format("edges {0}/in.tif -o {0}/out.tif --overwrite", folder()), {.ranks = 2}).err, "");
  const RunResult shown =
      run_haloedge(fmt::format("edges {0}/in.tif -o {0}/out.tif --overwrite --progress on", folder()), {.ranks = 2});
  EXPECT_EQ(shown.exit_code, 0);
  EXPECT_NE(shown.err.find("Mpx/s"), std::string::npos) << shown.err;
  EXPECT_EQ(shown.err.find_first_of("\r\x1b"), std::string::npos) << shown.err;  // lines, because it is no terminal
}

TEST_F(Commands, UsageErrors) {
  const RunResult wrong = run_haloedge("edges in.tif -o out.tif --no-such-option", {.ranks = 3});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_NE(wrong.err.find("--no-such-option"), std::string::npos);
  EXPECT_EQ(wrong.err.find("--no-such-option"), wrong.err.rfind("--no-such-option")) << wrong.err;
  const RunResult help = run_haloedge("--help", {.ranks = 3});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_EQ(help.out.find("mpirun -n 4 haloedge"), help.out.rfind("mpirun -n 4 haloedge")) << help.out;
}

TEST_F(Commands, MpirunOfAnotherMpi) {
  // MPICH's mpirun sets these variables, which Open MPI does not use: each process would do the whole job.
  write_tiff(make_picture(20, 20, 1), scratch_ / "in.tif", TiffForm::strips, COMPRESSION_NONE);
  for (const int rank : {0, 2}) {
    const RunResult run = run_shell(fmt::format("PMI_RANK={2} PMI_SIZE=3 {0} edges {1}/in.tif -o {1}/out.tif",
                                                haloedge_program().string(), folder(), rank));
    EXPECT_EQ(run.exit_code, 1);
    const bool tells = run.err.find("3 processes were started, but they cannot reach each other") != std::string::npos;
    EXPECT_EQ(tells, rank == 0) << "the message is printed once: " << run.err;
    EXPECT_FALSE(std::filesystem::exists(scratch_ / "out.tif"));
  }
  // An mpirun of Open MPI may itself run below another launcher, whose variables it passes on.
  ::setenv("PMI_SIZE", "3", 1);
  const RunResult below = run_haloedge(fmt::format("edges {0}/in.tif -o {0}/out.tif -q", folder()), {.ranks = 1});
  ::unsetenv("PMI_SIZE");
  EXPECT_EQ(below.exit_code, 0) << below.err;
}

TEST_F(Commands, Metadata) {
  write_tiff(make_picture(100, 80, 3), scratch_ / "in.tif", TiffForm::tiles, COMPRESSION_NONE);
  for (const char* tag : {"282 300.5", "283 299.25"}) {
    const RunResult set = run_shell(fmt::format("tiffset -s {} {}/in.tif", tag, folder()));
    ASSERT_EQ(set.exit_code, 0) << set.out << set.err;
  }
  ASSERT_EQ(run_haloedge(fmt::format("edges {0}/in.tif -o {0}/out.tif -q", folder())).exit_code, 0);
  const RunResult info = run_shell(fmt::format("tiffinfo {}/out.tif", folder()));
  EXPECT_NE(info.out.find("Resolution: 300.5, 299.25"), std::string::npos) << info.out;
}

TEST_F(Commands, Killed) {
  write_tiff(make_picture(3000, 3000, 3), scratch_ / "in.tif", TiffForm::tiles, COMPRESSION_NONE);
  const std::string command = fmt::format(
      "{} edges {}/in.tif -o {}/out.tif -q --threads 1 --backend reference --type f32 --component direction",
      haloedge_program().string(), folder(), folder());
  // Kills the program as soon as its partial output exists.
  const RunResult run = run_shell(fmt::format(
      "{} & while kill -0 $! && [ ! -e {}/.out.tif.partial ]; do :; done; kill -9 $!; wait $!", command, folder()));
  EXPECT_EQ(run.exit_code, 137) << run.err;
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "out.tif"));
  EXPECT_EQ(run_shell(command + " --resume").exit_code, 0);
  EXPECT_EQ(scratch_.files(), (std::vector<std::string>{"in.tif", "out.tif"}));
}

}  // namespace
}  // namespace haloedge

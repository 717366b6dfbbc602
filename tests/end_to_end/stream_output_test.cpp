// Tests the outputs of `stream`: files, pipes, a full disk, and other programs that read them.
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "program.hpp"
#include "stream_frames.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

class StreamOutput : public testing::Test {
 protected:
  void SetUp() override { write_video(make_video({.kind = "420jpeg", .width = 49, .height = 33}, 5), path("in.y4m")); }

  [[nodiscard]] std::string path(const std::string& name) const { return (scratch_ / name).string(); }
  [[nodiscard]] RunResult stream(const std::string& options) const {
    return run_haloedge(fmt::format("stream {} --policy all {}", path("in.y4m"), options));
  }

  ScratchFolder scratch_;
};

TEST_F(StreamOutput, ExistingFiles) {
  std::ofstream(path("out.y4m")) << "precious";
  const RunResult kept = stream("-o " + path("out.y4m"));
  EXPECT_EQ(kept.exit_code, 1);
  EXPECT_EQ(kept.err, fmt::format("haloedge: {}: already exists; use --overwrite to replace it\n", path("out.y4m")));
  EXPECT_EQ(file_content(path("out.y4m")), "precious");
  const RunResult replaced = stream("--overwrite -o " + path("out.y4m"));
  EXPECT_EQ(replaced.exit_code, 0) << replaced.err;
  EXPECT_EQ(replaced.err, "");
  EXPECT_NE(replaced.out.find("5 frames out"), std::string::npos) << replaced.out;
  EXPECT_EQ(read_video(path("out.y4m")).frames.size(), 5U);
  EXPECT_EQ(scratch_.files(), (std::vector<std::string>{"in.y4m", "out.y4m"}));
}

/// A recording of hours must not be lost when the disk is full.
TEST_F(StreamOutput, FileSizeLimit) {  // the limit is 8 KiB
  for (const std::string policy : {"all", "latest"}) {
    const RunResult run =
        run_shell(fmt::format("trap '' XFSZ; ulimit -f 16; {} {} --policy {} --overwrite -o {}",
                              haloedge_command("stream", 0), path("in.y4m"), policy, path("out.y4m")));
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_EQ(run.err, fmt::format("haloedge: kept 3 frames in {0}/.out.y4m.partial\n"
                                   "haloedge: {0}/.out.y4m.partial: File too large\n",
                                   scratch_.path().string()));
    EXPECT_EQ(scratch_.files(), (std::vector<std::string>{".out.y4m.partial", "in.y4m"}));
    EXPECT_EQ(read_video(path(".out.y4m.partial")).frames.size(), 3U);
    const RunResult again = stream("-o " + path("out.y4m"));
    EXPECT_EQ(again.exit_code, 1);
    EXPECT_NE(again.err.find(".out.y4m.partial contains the frames"), std::string::npos) << again.err;
    EXPECT_EQ(read_video(path(".out.y4m.partial")).frames.size(), 3U);
  }
}

TEST_F(StreamOutput, InputIsKept) {
  const std::string over_input = "is the input itself: choose another output";
  for (const auto& [options, words] : std::vector<std::pair<std::string, std::string>>{
           {fmt::format("-o {} --report {}", path("out.y4m"), path("in.y4m")), over_input},
           {fmt::format("-o {0} --report {0}", path("out.y4m")), "-o and --report name the same file"},
           {fmt::format("-o {} --overwrite", path("in.y4m")), over_input}}) {
    const RunResult run = stream(options);
    EXPECT_EQ(run.exit_code, 2) << options;
    EXPECT_NE(run.err.find(words), std::string::npos) << run.err;
  }
  EXPECT_EQ(read_video(path("in.y4m")).frames.size(), 5U);
  EXPECT_EQ(scratch_.files(), (std::vector<std::string>{"in.y4m"}));
}

TEST_F(StreamOutput, ClosedStandardError) {
  for (const std::string nobody : {"2>/dev/full", "2>&-"}) {
    for (const std::string progress : {"on", "off"}) {
      const RunResult run =
          run_shell(fmt::format("{} {} --policy all --progress {} -o {} --overwrite >/dev/full {}",
                                haloedge_command("stream", 0), path("in.y4m"), progress, path("out.y4m"), nobody));
      EXPECT_EQ(run.exit_code, 0) << nobody;
      EXPECT_EQ(read_video(path("out.y4m")).frames.size(), 5U) << nobody;
    }
  }
}

TEST_F(StreamOutput, FullDisk) {
  for (const std::string policy : {"all", "latest"}) {
    const RunResult run = run_haloedge(fmt::format("stream {} -o /dev/full --policy {}", path("in.y4m"), policy));
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_EQ(run.err, "haloedge: /dev/full: No space left on device\n");
    const RunResult standard =
        run_shell(fmt::format("{} {} --policy {} > /dev/full", haloedge_command("stream", 0), path("in.y4m"), policy));
    EXPECT_EQ(standard.exit_code, 1);
    EXPECT_EQ(standard.err, "haloedge: standard output: No space left on device\n");
  }
  const RunResult ranks = run_haloedge(fmt::format("stream {} -o /dev/full --policy all", path("in.y4m")),
                                       {.ranks = 3, .timeout_seconds = 30});
  EXPECT_EQ(ranks.exit_code, 1);
  EXPECT_NE(ranks.err.find("/dev/full: No space left on device"), std::string::npos) << ranks.err;
}

TEST_F(StreamOutput, MissingFolders) {
  const RunResult run = stream("-o " + path("no/out.y4m"));
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.err.find("the folder " + path("no") + " does not exist"), std::string::npos) << run.err;
  EXPECT_EQ(stream("-o " + scratch_.path().string()).exit_code, 1);
}

TEST_F(StreamOutput, NamedPipe) {
  ASSERT_EQ(stream("-o " + path("out.y4m")).exit_code, 0);
  const RunResult run =
      run_shell(fmt::format("mkfifo {0}; (sleep 0.5; cat {0} > {1}) & {2} {3} --policy all -o {0} && wait",
                            path("pipe"), path("piped.y4m"), haloedge_command("stream", 0), path("in.y4m")));
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, "");
  EXPECT_TRUE(file_content(path("piped.y4m")) == file_content(path("out.y4m")));
}

TEST_F(StreamOutput, Report) {
  ASSERT_EQ(stream(fmt::format("-o {} --report {}", path("out.y4m"), path("r.json"))).exit_code, 0);
  const auto report = nlohmann::json::parse(file_content(path("r.json")));
  EXPECT_EQ(report["frames"]["read"], 5);
  EXPECT_EQ(report["frames"]["written"], 5);
  EXPECT_EQ(report["frames"]["filtered"], 5);
  EXPECT_EQ(report["frames"]["not_filtered"], 0);
  EXPECT_EQ(report["ended_by"], "end of input");
  EXPECT_EQ(report["policy"], "all");
  EXPECT_EQ(report["input"]["width"], 49);
  EXPECT_EQ(report["input"]["chroma"], "420jpeg");
  EXPECT_NEAR(report["input"]["frame_rate"].get<double>(), 29.97, 0.001);
  EXPECT_EQ(report["age_frames"]["max"], 0);
}

TEST_F(StreamOutput, Ffmpeg) {
  if (!have_tool("ffmpeg")) GTEST_SKIP() << "ffmpeg is not installed";
  for (const std::string kind : {"420jpeg", "mono", "411", "444", "mono10", "420p10", "422p10", "444p10"}) {
    write_video(make_video({.kind = kind, .width = 50, .height = 34}, 5), path("in.y4m"));
    for (const std::string show : {"edges", "overlay --hud", "side"}) {
      const RunResult run = stream(fmt::format("--overwrite -o {} --show {}", path("out.y4m"), show));
      ASSERT_EQ(run.exit_code, 0) << run.err;
      const RunResult read = run_shell("ffmpeg -v error -i " + path("out.y4m") + " -f null -");
      EXPECT_EQ(read.exit_code, 0) << kind << show;
      EXPECT_EQ(read.err, "") << kind << show;
      // ffmpeg reads the same bytes as the tests' own reader.
      const RunResult raw = run_shell("ffmpeg -v error -i " + path("out.y4m") + " -f rawvideo -");
      std::string expected;
      for (const VideoFrame& frame : read_video(path("out.y4m")).frames) expected += frame.luma + frame.chroma;
      const VideoShape painted{.kind = kind, .width = show == "side" ? 100U : 50U, .height = 34};
      EXPECT_EQ(raw.out.size(), 5 * (painted.luma_bytes() + painted.chroma_bytes())) << kind << show;
      EXPECT_TRUE(raw.out == expected) << kind << show;
    }
  }
}

}  // namespace
}  // namespace haloedge

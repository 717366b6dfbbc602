// Tests that the same frames come out for any number of threads and ranks, and for all kinds of input and output.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "program.hpp"
#include "stream_frames.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

constexpr int count = 41;
const VideoShape shape{.kind = "444", .width = 161, .height = 120};

class StreamRanks : public testing::Test {
 protected:
  void SetUp() override { write_video(video_, scratch_ / "in.y4m"); }

  [[nodiscard]] std::string path(const std::string& name) const { return (scratch_ / name).string(); }

  /// Runs the program from file to file. Returns the bytes of the output.
  std::string run(const std::string& options, int ranks, const std::string& name = "in.y4m") const {
    const RunResult run = run_haloedge(
        fmt::format("stream {} -o {} --overwrite -q --policy all {}", path(name), path("out.y4m"), options),
        {.ranks = ranks});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(run.out + run.err, "");
    return file_content(scratch_ / "out.y4m");
  }

  Video video_ = make_video(shape, count);
  ScratchFolder scratch_;
};

/// Returns `columns` columns, beginning at `from`, of each row of a plane of bytes.
std::string columns(const std::string& plane, std::size_t width, std::size_t from, std::size_t columns) {
  std::string part;
  for (std::size_t row = 0; row < plane.size(); row += width) part += plane.substr(row + from, columns);
  return part;
}

TEST_F(StreamRanks, SideBySide) {
  (void)run("--show edges", 0);
  const Video edges = read_video(scratch_ / "out.y4m");
  for (const int ranks : {0, 3}) {
    (void)run("--show side", ranks);
    const Video side = read_video(scratch_ / "out.y4m");
    EXPECT_EQ(side.wrong, "");
    EXPECT_EQ(side.header, "YUV4MPEG2 W322 H120 F30000:1001 It A128:117 C444 XYSCSS=ANY XCOLORRANGE=LIMITED");
    ASSERT_EQ(side.frames.size(), video_.frames.size());
    for (std::size_t i = 0; i < video_.frames.size(); ++i) {
      const VideoFrame& frame = side.frames[i];
      EXPECT_EQ(frame.parameters, video_.frames[i].parameters);
      EXPECT_TRUE(columns(frame.luma, 322, 0, 161) == video_.frames[i].luma) << i;
      EXPECT_TRUE(columns(frame.luma, 322, 161, 161) == edges.frames.at(i).luma) << i;
      EXPECT_TRUE(columns(frame.chroma, 322, 0, 161) == video_.frames[i].chroma) << i;
      EXPECT_TRUE(columns(frame.chroma, 322, 161, 161) == edges.frames[i].chroma) << i;
    }
  }
}

TEST_F(StreamRanks, Overlay) {
  (void)run("--show edges --operator canny", 0);
  const Video edges = read_video(scratch_ / "out.y4m");
  for (const int ranks : {0, 2}) {
    (void)run("--show overlay --operator canny --color red", ranks);
    const Video overlay = read_video(scratch_ / "out.y4m");
    EXPECT_EQ(overlay.wrong, "");
    EXPECT_EQ(overlay.header, video_.header);
    ASSERT_EQ(overlay.frames.size(), video_.frames.size());
    for (std::size_t i = 0; i < video_.frames.size(); ++i) {
      const std::string& mask = edges.frames.at(i).luma;
      VideoFrame expected = video_.frames[i];
      for (std::size_t at = 0; at < mask.size(); ++at) {
        if (mask[at] == 0) continue;
        // This is red in BT.601, whose luma is from 16 to 235 and whose chroma is from 16 to 240.
        expected.luma[at] = '\x51';
        expected.chroma[at] = '\x5a';
        expected.chroma[mask.size() + at] = '\xf0';
      }
      EXPECT_TRUE(overlay.frames[i].luma == expected.luma) << i;
      EXPECT_TRUE(overlay.frames[i].chroma == expected.chroma) << i;
    }
  }
}

TEST_F(StreamRanks, SameForAnyThreads) {
  for (const std::string options : {"--show edges --operator canny --sigma 2", "--show overlay", "--show side"}) {
    const std::string one = run(options + " --threads 1", 0);
    for (const int threads : {2, 4, 7}) {
      EXPECT_TRUE(run(fmt::format("{} --threads {}", options, threads), 0) == one) << options << ' ' << threads;
    }
    EXPECT_TRUE(run(options + " --backend reference", 0) == one) << options;
  }
}

TEST_F(StreamRanks, SameForAnyRanks) {
  for (const std::string options : {"--show edges --operator canny --sigma 2", "--show overlay", "--show side"}) {
    const std::string alone = run(options, 0);
    for (const int ranks : {1, 2, 3, 5}) EXPECT_TRUE(run(options, ranks) == alone) << options << ' ' << ranks;
    EXPECT_TRUE(run(options + " --threads 3", 2) == alone) << options;
  }
}

TEST_F(StreamRanks, DeepFrames) {
  for (const int frames : {0, 1, 2}) {
    write_video(make_video({.kind = "420p10", .width = 33, .height = 21}, frames), scratch_ / "few.y4m");
    const std::string alone = run("--show side", 0, "few.y4m");
    EXPECT_EQ(read_video(scratch_ / "out.y4m").frames.size(), static_cast<std::size_t>(frames));
    EXPECT_TRUE(run("--show side", 4, "few.y4m") == alone) << frames;
  }
}

TEST_F(StreamRanks, StandardStreams) {
  for (const std::string show : {"edges", "side"}) {
    const std::string from_file = run("--show " + show, 0);
    for (const int ranks : {0, 1, 2, 3}) {
      const std::string command = haloedge_command("stream --policy all --show " + show, ranks);
      RunResult piped;
      for (int i = 0; i < 5; ++i) {
        piped = run_shell(fmt::format("{} < {} > {}", command, path("in.y4m"), path("piped.y4m")));
        // This is Open MPI's issue 7483: mpirun itself sometimes crashes while it forwards its standard input.
        if (piped.err.find("orte_iof_hnp_read_local_handler") == std::string::npos) break;
      }
      EXPECT_EQ(piped.exit_code, 0) << piped.err;
      EXPECT_NE(piped.err.find(fmt::format("{} frames out", count)), std::string::npos) << piped.err;
      EXPECT_TRUE(file_content(scratch_ / "piped.y4m") == from_file) << show << ' ' << ranks;
    }
  }
}

TEST_F(StreamRanks, LatestOnOneRank) {
  const std::string streams = fmt::format("{} -o {}", path("in.y4m"), path("latest.y4m"));
  for (const std::string policy : {"", "--policy latest "}) {
    const RunResult two = run_haloedge("stream " + policy + streams, {.ranks = 2});
    EXPECT_EQ(two.exit_code, 2) << two.err;
    EXPECT_NE(two.err.find("--policy latest works on one rank"), std::string::npos) << two.err;
    EXPECT_FALSE(std::filesystem::exists(scratch_ / "latest.y4m"));
  }
  const RunResult one = run_haloedge("stream " + streams, {.ranks = 1});
  EXPECT_EQ(one.exit_code, 0) << one.err;
  EXPECT_EQ(read_video(scratch_ / "latest.y4m").frames.size(), static_cast<std::size_t>(count));
}

/// Rank 1 fails while rank 0 waits for frames, and for nothing else.
TEST_F(StreamRanks, FailureInSilence) {
  const std::string fifo = path("fifo");
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const std::string options = fmt::format("stream {} -o {} --policy all", fifo, path("never.y4m"));
  const std::string one = haloedge_command(options, 1);
  const std::string other = fmt::format("{} {} --memory 1M", haloedge_program().string(), options);
  // The input is the first line, followed by silence for longer than the run may take.
  const RunResult run =
      run_shell(fmt::format("(head -n 1 {} >&3; sleep 40) 3>{} & {} : -n 1 {}", path("in.y4m"), fifo, one, other));
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.err.find("rank 1 on"), std::string::npos) << run.err;
  EXPECT_NE(run.err.find("--memory"), std::string::npos) << run.err;
  EXPECT_LT(run.seconds, 30);
}

}  // namespace
}  // namespace haloedge

// Tests the inputs of `stream`: files without frames, broken streams, pipes, and options that cannot be used.
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "pictures.hpp"
#include "program.hpp"
#include "stream_frames.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

bool is_one_line(const std::string& text) {
  return !text.empty() && text.find('\n') == text.size() - 1 && text.starts_with("haloedge: ");
}

class StreamInput : public testing::Test {
 protected:
  void SetUp() override { write_video(video_, scratch_ / "in.y4m"); }

  [[nodiscard]] std::string path(const std::string& name) const { return (scratch_ / name).string(); }
  void write(const std::string& name, const std::string& content) const {
    std::ofstream(scratch_ / name, std::ios::binary) << content;
  }
  /// Returns the whole stream as the file contains it.
  [[nodiscard]] std::string content() const { return file_content(scratch_ / "in.y4m"); }
  /// Returns the offset in the file at which frame `number` begins.
  [[nodiscard]] std::size_t begin_of(std::size_t number) const {
    std::size_t at = video_.header.size() + 1;
    for (std::size_t i = 0; i < number; ++i) {
      const VideoFrame& frame = video_.frames[i];
      at += 6 + frame.parameters.size() + frame.luma.size() + frame.chroma.size();
    }
    return at;
  }

  /// Checks that a run writes nothing and that its message, one line unless the exit code is 2, contains these words.
  void expect_refused(const std::string& arguments, int exit_code, const std::vector<std::string>& words) const {
    const RunResult run = run_haloedge(fmt::format("stream {} -o {}", arguments, path("refused.y4m")));
    EXPECT_EQ(run.exit_code, exit_code) << arguments << run.err;
    EXPECT_EQ(run.out, "");
    EXPECT_TRUE(exit_code == 2 || is_one_line(run.err)) << run.err;
    for (const std::string& word : words) EXPECT_NE(run.err.find(word), std::string::npos) << word << " in " << run.err;
    for (const std::string& name : scratch_.files()) EXPECT_FALSE(name.starts_with("refused")) << name;
    EXPECT_LT(run.seconds, 10);
  }

  /// Checks that the first `frames` come out as they would without the damage after them, and that one line with these
  /// words reports the damage.
  void expect_damage(std::size_t frames, const std::vector<std::string>& words) const {
    const std::vector<std::string> ways{"{0} {1} -o {2} --overwrite", "{0} <{1} >{2}",
                                        "cat {1} | ({0}; echo $? >{3}) | cat >{2}; exit $(cat {3})"};
    for (const std::string policy : {"all", "latest"}) {
      const std::string command = haloedge_command("stream -q --show side --policy " + policy, 0);
      for (const std::string& way : ways) {
        std::filesystem::remove(scratch_ / "out.y4m");
        const RunResult run =
            run_shell(fmt::format(fmt::runtime(way), command, path("broken.y4m"), path("out.y4m"), path("code")));
        EXPECT_EQ(run.exit_code, 3) << way;
        EXPECT_TRUE(is_one_line(run.err)) << run.err;
        for (const std::string& word : words) {
          EXPECT_NE(run.err.find(word), std::string::npos) << word << " in " << run.err;
        }
        expect_begin_of_video(frames);
      }
    }
  }

  /// Checks that out.y4m has the first `frames`, each in the left half.
  void expect_begin_of_video(std::size_t frames) const {
    const Video out = read_video(scratch_ / "out.y4m");
    EXPECT_EQ(out.wrong, "");
    ASSERT_EQ(out.frames.size(), frames);
    const std::size_t width = video_.shape.width;
    for (std::size_t i = 0; i < frames; ++i) {
      for (std::size_t row = 0; row < video_.shape.height; ++row) {
        ASSERT_EQ(out.frames[i].luma.substr(2 * row * width, width), video_.frames[i].luma.substr(row * width, width));
      }
    }
  }

  Video video_ = make_video({.kind = "420jpeg", .width = 49, .height = 33}, 5);
  ScratchFolder scratch_;
};

TEST_F(StreamInput, OtherFiles) {
  write_png(make_picture(30, 20, 3), scratch_ / "in.png");
  write("text", "YUV4MPEG is a format\nof frames.\n");
  write("longer", "YUV4MPEG22 W16 H16\nFRAME\n");
  write("endless", "YUV4MPEG2 " + std::string(100000, 'X'));
  write("short", "YUV4");
  write("empty", "");
  for (const std::string name : {"in.png", "text", "endless", "short", "empty"}) {
    expect_refused(path(name), 1, {"ffmpeg -i " + path(name), "not a YUV4MPEG2 stream: make one", "yuv4mpegpipe"});
    expect_refused("< " + path(name), 1, {"standard input: ", "ffmpeg -i INPUT"});
  }
  expect_refused(path("longer"), 1, {"is not YUV4MPEG2"});
  expect_refused("</dev/null", 1, {"ffmpeg -i INPUT", "is empty"});
}

TEST_F(StreamInput, Movies) {
  if (!have_tool("ffmpeg")) GTEST_SKIP() << "ffmpeg is not installed";
  const RunResult made =
      run_shell("ffmpeg -v error -f lavfi -i testsrc2=s=64x48:d=0.2 -c:v mpeg4 " + path("movie.mp4"));
  ASSERT_EQ(made.exit_code, 0) << made.err;
  expect_refused(path("movie.mp4"), 1, {"ffmpeg -i " + path("movie.mp4")});
  // The command that the message proposes must work.
  const RunResult run = run_shell(fmt::format("ffmpeg -v error -i {} -f yuv4mpegpipe -pix_fmt yuv420p - | {} -q > {}",
                                              path("movie.mp4"), haloedge_command("stream", 0), path("movie.y4m")));
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(read_video(scratch_ / "movie.y4m").frames.size(), 5U);
}

TEST_F(StreamInput, Missing) {
  expect_refused(path("nothing.y4m"), 1, {path("nothing.y4m") + ": does not exist"});
  expect_refused(scratch_.path().string(), 1, {scratch_.path().string() + ": is a folder"});
}

TEST_F(StreamInput, WrongHeaders) {
  const auto expect = [&](const std::string& fields, const std::vector<std::string>& words) {
    write("header.y4m", "YUV4MPEG2 " + fields + "\nFRAME\n");
    expect_refused(path("header.y4m"), 1, words);
  };
  expect("W16 H16 F25:1 C444alpha", {"header.y4m: C444alpha", "-pix_fmt yuv420p"});
  expect("W16 H16 F25:1 C420p11", {"C420p11"});
  expect("H16 F25:1", {"width"});
  expect("W16 F25:1", {"height"});
  expect("W16x H16", {"W16x"});
  expect("W0 H16", {"W0"});
  expect("W-5 H16", {"W-5"});
  expect("W16 H99999999999999999999", {"H99999999999999999999"});
  // There is no memory for these frames. The program must notice that before it allocates anything.
  expect("W1000000 H1000000", {"1000000 x 1000000", "TiB of memory"});
  expect("W1048576 H1048576 C444p16", {"1048576 x 1048576", "TiB of memory"});
}

TEST_F(StreamInput, TooLittleMemory) {
  for (const std::string options : {"", " --policy all --operator canny --sigma 3 --threads 3"}) {
    write_video(make_video({.kind = "444", .width = 1400, .height = 900}, 3), scratch_ / "in.y4m");
    const std::string in = path("in.y4m") + options;
    expect_refused(in + " --memory 3M", 1, {"allows 3.0 MiB"});
    const RunResult refused = run_haloedge(fmt::format("stream {} -o {} --memory 3M", in, path("out.y4m")));
    const std::string words = "run with --memory ";
    const std::size_t at = refused.err.find(words);
    ASSERT_NE(at, std::string::npos) << refused.err;
    const int enough = std::stoi(refused.err.substr(at + words.size()));
    expect_refused(fmt::format("{} --memory {}M", in, enough - 1), 1, {fmt::format("--memory {}M or more", enough)});
    const RunResult run =
        run_haloedge(fmt::format("stream {} -o {} --overwrite -q --memory {}M", in, path("out.y4m"), enough));
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(read_video(scratch_ / "out.y4m").frames.size(), 3U);
  }
}

TEST_F(StreamInput, CutFrame) {
  const std::size_t in_frame = begin_of(3) + 6 + 1000;
  ASSERT_EQ(video_.frames[3].parameters, "");
  write("broken.y4m", content().substr(0, in_frame));
  expect_damage(3, {"ends within frame 3", "after 1,000 of its 2,467 bytes", "wrote 3 frames before that"});
  write("broken.y4m", content().substr(0, begin_of(4) + 3));
  expect_damage(4, {"ends within the line where frame 4 should begin"});
  write("broken.y4m", content().substr(0, begin_of(0) + 6 + 2466));
  expect_damage(0, {"ends within frame 0", "after 2,466 of its 2,467 bytes"});
}

TEST_F(StreamInput, DamageBetweenFrames) {
  write("broken.y4m", content().substr(0, begin_of(2)) + "garbage" + content().substr(begin_of(2)));
  expect_damage(2, {"contains something other than a frame where frame 2 should begin"});
  write("broken.y4m", content().substr(0, begin_of(1)) + "FRAMES\n" + content().substr(begin_of(2)));
  expect_damage(1, {"contains something other than a frame where frame 1 should begin"});
  write("broken.y4m", content() + "\n");
  expect_damage(5, {"where frame 5 should begin"});
}

TEST_F(StreamInput, NamedPipe) {
  const RunResult run =
      run_shell(fmt::format("mkfifo {0}; (sleep 0.5; cat {1} > {0}) & {2} -q --policy all {0} -o {3}", path("pipe"),
                            path("in.y4m"), haloedge_command("stream", 0), path("out.y4m")));
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(read_video(scratch_ / "out.y4m").frames.size(), 5U);
}

TEST_F(StreamInput, RefusedOptions) {
  for (const std::string options :
       {"--color nonsense", "--color 12345", "--filter-rate -1", "--filter-rate x", "--policy x", "--show x",
        "--low 30", "--high auto", "--sigma 1", "--border wrap --operator canny", "--component x --operator canny",
        "--low 200 --high 100 --operator canny", "--resume", "--threads 0"}) {
    expect_refused(path("in.y4m") + ' ' + options, 2, {options.substr(0, options.find(' '))});
  }
}

}  // namespace
}  // namespace haloedge

#include <atomic>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "stream/y4m.hpp"
#include "stream_fixture.hpp"
#include "support/scratch_folder.hpp"
#include "watchdog.hpp"

namespace haloedge {
namespace {

using namespace std::chrono_literals;

const FrameFormat format{.width = 5, .height = 3};

/// The content that was read from an input.
struct Read {
  std::vector<std::string> frames;  ///< pixels of the frames
  std::vector<std::string> parameters;
  std::string damage;
};

class Y4mReaderTest : public testing::Test {
 protected:
  /// Reads all of an input. Throws what the reader throws.
  Read read(const std::string& input) const {
    write_text_file(path_, input);
    ByteInput bytes(path_, [] { return false; });
    Y4mReader reader(bytes);
    Frame frame(reader.header().format);
    Read all;
    while (reader.read(frame)) {
      EXPECT_EQ(frame.number, std::ssize(all.frames));
      all.frames.emplace_back(reinterpret_cast<const char*>(frame.pixels.data()), frame.pixels.span().size());
      all.parameters.push_back(frame.parameters);
    }
    EXPECT_FALSE(reader.read(frame)) << "frames after the end";
    EXPECT_EQ(reader.frames(), std::ssize(all.frames));
    all.damage = reader.damage();
    return all;
  }

  std::string failure(const std::string& input) const {
    try {
      (void)read(input);
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  }

  [[nodiscard]] std::string damage(const std::string& what) const { return path_.string() + ": " + what; }

  ScratchFolder folder_;
  std::filesystem::path path_ = folder_ / "in.y4m";
};

std::string pixels(int number) {
  const std::string frame = stream_frame(format, number);
  return frame.substr(frame.find('\n') + 1);
}

TEST_F(Y4mReaderTest, Frames) {
  const Read all = read(stream_header(format) + "FRAME\n" + pixels(0) + "FRAME Ip XFOO\n" + pixels(1) + "FRAME \n" +
                        pixels(2) + "FRAME X" + std::string(3000, 'x') + "\n" + pixels(3));
  EXPECT_EQ(all.frames, (std::vector{pixels(0), pixels(1), pixels(2), pixels(3)}));
  EXPECT_EQ(all.parameters, (std::vector<std::string>{"", " Ip XFOO", " ", " X" + std::string(3000, 'x')}));
  EXPECT_EQ(all.damage, "");
}

TEST_F(Y4mReaderTest, CutAnywhere) {
  const std::string before = stream_header(format) + stream_frame(format, 0) + stream_frame(format, 1);
  const std::string last = stream_frame(format, 2);
  const std::size_t line = last.find('\n') + 1;
  const std::string bytes = std::to_string(format.frame_bytes());
  for (std::size_t kept = 0; kept <= last.size(); ++kept) {
    SCOPED_TRACE(kept);
    const Read all = read(before + last.substr(0, kept));
    EXPECT_EQ(all.frames.size(), kept == last.size() ? 3U : 2U);
    EXPECT_EQ(all.frames[1], pixels(1));
    if (kept == 0 || kept == last.size()) {
      EXPECT_EQ(all.damage, "");
    } else if (kept < line) {
      EXPECT_EQ(all.damage, damage("ends within the line where frame 2 should begin"));
    } else {
      EXPECT_EQ(all.damage,
                damage("ends within frame 2, after " + std::to_string(kept - line) + " of its " + bytes + " bytes"));
    }
  }
}

TEST_F(Y4mReaderTest, NoFrame) {
  const std::string before = stream_header(format) + stream_frame(format, 0);
  for (const std::string& other :
       {std::string("GARBAGE AND MORE"), std::string("FRAMES\n"), std::string("FRAM\nE"), std::string("\n"),
        std::string("X"), std::string("FRAMEX"), std::string(100, '\0'), "FRAME " + std::string(5000, 'x')}) {
    const Read all = read(before + other + stream_frame(format, 1));
    EXPECT_EQ(all.frames.size(), 1U);
    EXPECT_EQ(all.damage, damage("contains something other than a frame where frame 1 should begin")) << other;
  }
}

TEST_F(Y4mReaderTest, NoStream) {
  EXPECT_NE(failure("").find("is empty"), std::string::npos);
  for (const std::string& input :
       {std::string("YUV4MPEG2"), std::string("YUV4"), std::string("YUV4MPEG2 W4 H4"), std::string("RIFF1234AVI LIST"),
        std::string("\x89PNG\r\n\x1a\n"), "YUV4MPEG2 W4 H4 X" + std::string(5000, 'x') + "\n", std::string(1, '\0')}) {
    const std::string what = failure(input);
    EXPECT_NE(what.find("is not a YUV4MPEG2 stream: make one with  ffmpeg -i " + path_.string()), std::string::npos)
        << what;
  }
  EXPECT_EQ(failure("YUV4MPEG2X W4 H4\n"), damage("is not YUV4MPEG2"));
  EXPECT_NE(failure("YUV4MPEG2\n").find("width"), std::string::npos);
  EXPECT_NE(failure("YUV4MPEG2 W4 H4 C400\n").find(path_.string() + ": C400"), std::string::npos);
}

TEST_F(Y4mReaderTest, Unreadable) {
  EXPECT_THROW(ByteInput(folder_ / "none", [] { return false; }), Error);
  EXPECT_THROW(ByteInput(folder_ / "", [] { return false; }), Error);
}

TEST_F(Y4mReaderTest, StoppedBefore) {
  const Watchdog watchdog("a reader that was stopped");
  for (const std::string begun : {"", "YUV4", "YUV4MPEG2 W4"}) {
    const std::filesystem::path pipe = folder_ / ("pipe" + begun);
    make_pipe(pipe);
    std::atomic<bool> stop = false;
    ByteInput input(pipe, [&] { return stop.load(); });
    std::fstream other_end(pipe);
    other_end << begun << std::flush;
    const std::jthread stopper([&] {
      std::this_thread::sleep_for(30ms);
      stop = true;
    });
    EXPECT_THROW(Y4mReader reader(input), Stopped);
  }
}

TEST_F(Y4mReaderTest, StoppedWithinFrame) {
  const Watchdog watchdog("a reader that was stopped");
  const std::string frame = stream_frame(format, 1);
  for (std::size_t kept = 0; kept < frame.size(); kept += kept < 12 ? 1 : 10) {
    const std::filesystem::path pipe = folder_ / ("pipe" + std::to_string(kept));
    make_pipe(pipe);
    bool stop = false;
    // The input is read this many more times after the stop, which is enough for all that is there.
    int reads = 6;
    ByteInput input(pipe, [&] { return stop && reads-- <= 0; });
    std::fstream other_end(pipe);
    other_end << stream_header(format) << stream_frame(format, 0) << frame.substr(0, kept) << std::flush;
    Y4mReader reader(input);
    Frame got(reader.header().format);
    EXPECT_TRUE(reader.read(got));
    stop = true;
    EXPECT_FALSE(reader.read(got));
    EXPECT_EQ(reader.damage(), "");
    EXPECT_EQ(reader.frames(), 1);
  }
}

}  // namespace
}  // namespace haloedge

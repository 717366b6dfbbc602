// Tests all ways in which a stream ends: the output has whole frames, the program ends soon, and it prints no message.
#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "piped_process.hpp"
#include "stream_frames.hpp"
#include "support/scratch_folder.hpp"
#include "victim.hpp"

namespace haloedge {
namespace {

constexpr double soon = 10;  // seconds; includes one second of patience, and the delays of a busy machine
constexpr int all = 1 << 20;
constexpr int stopped_code = 75;

std::string endless_source(const std::string& output) {
  return "ffmpeg -nostdin -v quiet -re -f lavfi -i testsrc2=s=640x480:r=30 -f yuv4mpegpipe -y " + output;
}

void sleep_seconds(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

/// Waits until a process has its own handler for the signal `number`.
void wait_until_it_answers(pid_t process, int number) {
  const auto answers = [&] {
    // The shell that becomes the program may answer to the signal, too.
    std::error_code none;
    const auto program = std::filesystem::read_symlink(fmt::format("/proc/{}/exe", process), none);
    if (program.filename() != haloedge_program().filename()) return false;
    const std::string status = file_content(fmt::format("/proc/{}/status", process));
    const auto at = status.find("SigCgt:");
    if (at == std::string::npos) return false;
    return (std::stoull(status.substr(at + 7), nullptr, 16) >> (number - 1) & 1U) != 0;
  };
  for (int i = 0; i < 3000 && !answers(); ++i) sleep_seconds(0.01);
}

/// Waits until a process has read the first line of `file`.
void wait_until_it_has_read_the_first_line(pid_t process, const std::string& file) {
  namespace fs = std::filesystem;
  const std::size_t line_bytes = file_content(file).find('\n') + 1;
  const auto has_read = [&] {
    std::error_code none;
    for (int descriptor = 0; descriptor < 100; ++descriptor) {
      if (fs::read_symlink(fmt::format("/proc/{}/fd/{}", process, descriptor), none) != file) continue;
      const std::string info = file_content(fmt::format("/proc/{}/fdinfo/{}", process, descriptor));
      const auto at = info.find("pos:");
      return at != std::string::npos && std::stoull(info.substr(at + 4)) >= line_bytes;
    }
    return false;
  };
  for (int i = 0; i < 3000 && !has_read(); ++i) sleep_seconds(0.01);
}

/// Reads frames up to the end, `most` at most. Returns their number.
int read_frames(VideoReader& reader, int most) {
  int count = 0;
  for (VideoFrame frame; count < most && reader.read(frame);) ++count;
  return count;
}

/// A run of the program between two pipes.
class StreamEnds : public testing::TestWithParam<std::tuple<std::string, int>> {
 protected:
  [[nodiscard]] static std::string policy() { return std::get<0>(GetParam()); }
  void signal_program() const { program_->signal(std::get<1>(GetParam())); }
  [[nodiscard]] static std::string signal_name() { return std::get<1>(GetParam()) == SIGINT ? "SIGINT" : "SIGTERM"; }
  void start_program() {
    program_ = std::make_unique<PipedProcess>(
        haloedge_command(fmt::format("stream --policy {} --report {} {}", policy(), report_, options_), 0),
        into_.read_end.number(), out_of_.write_end.number());
    into_.read_end.close();
    out_of_.write_end.close();
  }
  void start_endless_source() {
    source_ = std::make_unique<PipedProcess>(endless_source("-"), -1, into_.write_end.number());
    into_.write_end.close();
  }
  /// Writes a part of a stream, and nothing after it.
  void write_to_program(const std::string& bytes) const {
    ASSERT_EQ(::write(into_.write_end.number(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  void expect_good_end(const std::string& ended_by) {
    const RunResult run = program_->wait(soon);
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_EQ(run.err, "");
    const auto report = nlohmann::json::parse(file_content(report_), nullptr, false);
    ASSERT_FALSE(report.is_discarded());
    EXPECT_EQ(report["ended_by"], ended_by);
  }

  ScratchFolder scratch_;
  std::string options_ = "-q";
  std::string report_ = (scratch_ / "r.json").string();
  Pipe into_;
  Pipe out_of_;
  std::unique_ptr<PipedProcess> source_;
  std::unique_ptr<PipedProcess> program_;
};

TEST_P(StreamEnds, EndOfInput) {
  const std::string in = (scratch_ / "in.y4m").string();
  write_video(make_video({.kind = "420jpeg", .width = 80, .height = 60}, 20), in);
  PipedProcess source("cat " + in, -1, into_.write_end.number());
  into_.write_end.close();
  start_program();
  VideoReader reader(out_of_.read_end.number());
  EXPECT_EQ(read_frames(reader, all), 20);
  EXPECT_EQ(reader.wrong(), "");
  expect_good_end("end of input");
}

TEST_P(StreamEnds, OutputClosed) {
  if (!have_tool("ffmpeg")) GTEST_SKIP() << "ffmpeg is not installed";
  options_ = "";  // without -q, even the summary is not printed
  start_endless_source();
  start_program();
  std::string some(2'000'000, ' ');
  for (std::size_t got = 0; got < some.size();) {
    const ssize_t more = ::read(out_of_.read_end.number(), some.data(), some.size() - got);
    ASSERT_GT(more, 0);
    got += static_cast<std::size_t>(more);
  }
  out_of_.read_end.close();
  expect_good_end("closed output");
}

TEST_P(StreamEnds, OutputClosedByHead) {
  const std::string in = (scratch_ / "in.y4m").string();
  write_video(make_video({.kind = "444", .width = 640, .height = 480}, 12), in);
  const RunResult run =
      run_shell(fmt::format("({} {} --policy {}; echo $? >{}) | head -c 2000000 | wc -c", haloedge_command("stream", 0),
                            in, policy(), (scratch_ / "code").string()));
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(run.out, "2000000\n");
  EXPECT_EQ(file_content(scratch_ / "code"), "0\n");
  EXPECT_LT(run.seconds, soon);
}

TEST_P(StreamEnds, Signal) {
  if (!have_tool("ffmpeg")) GTEST_SKIP() << "ffmpeg is not installed";
  start_endless_source();
  start_program();
  VideoReader reader(out_of_.read_end.number());
  EXPECT_EQ(read_frames(reader, 10), 10);
  signal_program();
  EXPECT_LT(read_frames(reader, all), 30);
  EXPECT_EQ(reader.wrong(), "");
  expect_good_end(signal_name());
}

/// Frames that are being processed are finished at once; --filter-rate does not delay them.
TEST_P(StreamEnds, SignalInFilter) {
  const std::string in = (scratch_ / "in.y4m").string();
  write_video(make_video({.kind = "420jpeg", .width = 80, .height = 60}, 20), in);
  PipedProcess source("cat " + in, -1, into_.write_end.number());
  options_ = "-q --filter-rate 0.1";
  start_program();
  VideoReader reader(out_of_.read_end.number());
  EXPECT_EQ(read_frames(reader, 1), 1);
  signal_program();
  EXPECT_LT(read_frames(reader, all), 20);
  EXPECT_EQ(reader.wrong(), "");
  const RunResult run = program_->wait(soon);
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, "");
}

TEST_P(StreamEnds, SignalInSilence) {
  const std::string in = (scratch_ / "in.y4m").string();
  write_video(make_video({.kind = "420jpeg", .width = 80, .height = 60}, 5), in);
  // Writes four frames and the beginning of a fifth.
  write_to_program(file_content(in).substr(0, file_content(in).size() - 3000));
  start_program();
  VideoReader reader(out_of_.read_end.number());
  EXPECT_EQ(read_frames(reader, 4), 4) << "a whole frame is kept back until the next one comes";
  signal_program();
  EXPECT_EQ(read_frames(reader, all), 0);
  EXPECT_EQ(reader.wrong(), "");
  expect_good_end(signal_name());
}

TEST_P(StreamEnds, SignalUnread) {
  if (!have_tool("ffmpeg")) GTEST_SKIP() << "ffmpeg is not installed";
  start_endless_source();
  start_program();
  sleep_seconds(1.5);  // fills the pipe, which has room for three frames at most
  signal_program();
  expect_good_end(signal_name());
}

TEST_P(StreamEnds, SignalBeforeInput) {
  start_program();
  wait_until_it_answers(program_->process(), std::get<1>(GetParam()));
  signal_program();
  const RunResult run = program_->wait(soon);
  EXPECT_EQ(run.exit_code, stopped_code);
  EXPECT_NE(run.err.find("stopped before the stream began"), std::string::npos) << run.err;
}

INSTANTIATE_TEST_SUITE_P(Policies, StreamEnds,
                         testing::Combine(testing::Values("all", "latest"), testing::Values(SIGINT, SIGTERM)),
                         [](const auto& of) {
                           return std::get<0>(of.param) + (std::get<1>(of.param) == SIGINT ? "SIGINT" : "SIGTERM");
                         });

/// If the output is a file, it is there, whole, and no other file is beside it.
TEST(StreamFile, Signal) {
  if (!have_tool("ffmpeg")) GTEST_SKIP() << "ffmpeg is not installed";
  for (const int ranks : {0, 1, 3}) {
    const ScratchFolder scratch;
    const std::string in = (scratch / "in").string();
    ASSERT_EQ(::mkfifo(in.c_str(), 0600), 0);
    Victim victim(fmt::format("stream {} -o {} --policy all", in, (scratch / "out.y4m").string()), ranks);
    const PipedProcess source(endless_source(in), -1, -1);
    const auto bytes = [&] {
      std::error_code none;
      const auto size = std::filesystem::file_size(scratch / ".out.y4m.partial", none);
      return none ? 0 : size;
    };
    while (victim.runs() && bytes() < 5'000'000) sleep_seconds(0.01);
    const std::vector<pid_t> targets = victim.ranks();
    ASSERT_FALSE(targets.empty());
    ::kill(targets.back(), SIGINT);
    const RunResult run = victim.wait(static_cast<int>(soon));
    EXPECT_EQ(run.exit_code, 0) << ranks;
    EXPECT_EQ(run.err, "");
    EXPECT_NE(run.out.find(ranks > 1 ? "a signal to another rank" : "SIGINT"), std::string::npos) << run.out;
    EXPECT_EQ(scratch.files(), (std::vector<std::string>{"in", "out.y4m"}));
    const Video video = read_video(scratch / "out.y4m");
    EXPECT_EQ(video.wrong, "");
    EXPECT_GT(video.frames.size(), 10U);
  }
}

/// The output is a named pipe that is open for reading but is not read.
TEST(StreamNamedPipe, SignalUnread) {
  for (const int ranks : {0, 1, 3}) {
    const ScratchFolder scratch;
    const std::string in = (scratch / "in.y4m").string();
    const std::string out = (scratch / "out").string();
    write_video(make_video({.kind = "444", .width = 640, .height = 480}, 40), in);
    ASSERT_EQ(::mkfifo(out.c_str(), 0600), 0);
    const Descriptor reader(::open(out.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    Victim victim(fmt::format("stream -q {} -o {} --policy all", in, out), ranks);
    int waiting = 0;  // bytes in the pipe
    for (int i = 0; i < 3000 && waiting == 0; ++i) {
      sleep_seconds(0.01);
      ASSERT_EQ(::ioctl(reader.number(), FIONREAD, &waiting), 0);
    }
    const std::vector<pid_t> targets = victim.ranks();
    ASSERT_FALSE(targets.empty());
    wait_until_it_answers(targets.back(), SIGTERM);
    ::kill(targets.back(), SIGTERM);
    const RunResult run = victim.wait(static_cast<int>(soon));
    EXPECT_EQ(run.exit_code, 0) << ranks;
    EXPECT_EQ(run.err, "");
  }
}

TEST(StreamNamedPipe, SignalUnopened) {
  const ScratchFolder scratch;
  const std::string in = (scratch / "in.y4m").string();
  const std::string out = (scratch / "out").string();
  write_video(make_video({.kind = "mono", .width = 64, .height = 48}, 4), in);
  ASSERT_EQ(::mkfifo(out.c_str(), 0600), 0);
  Victim victim(fmt::format("stream {} -o {}", in, out), 0);
  wait_until_it_has_read_the_first_line(victim.process(), in);
  ::kill(victim.process(), SIGINT);
  const RunResult run = victim.wait(static_cast<int>(soon));
  EXPECT_EQ(run.exit_code, stopped_code);
  EXPECT_NE(run.err.find(out + ": stopped before anybody read from it"), std::string::npos) << run.err;
}

}  // namespace
}  // namespace haloedge

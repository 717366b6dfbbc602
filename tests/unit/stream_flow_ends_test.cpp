// Tests that a flow of either policy always ends, whatever its threads wait for: a silent input, an output that is not
// read, a filter, or each other.
#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "core/file.hpp"
#include "stream_fixture.hpp"
#include "support/scratch_folder.hpp"
#include "watchdog.hpp"

namespace haloedge {
namespace {

using namespace std::chrono_literals;

/// The most time for a flow that has no reason to take longer.
constexpr auto soon = 5s;
/// More frames than fit between an input and an output that is not read.
constexpr int many = 60;

class StreamFlowEnds : public testing::TestWithParam<Policy> {
 protected:
  StreamFlowEnds() {
    (void)std::signal(SIGPIPE, SIG_IGN);
    make_pipe(in_);
    make_pipe(out_);
  }

  /// Returns frames that come now and then, without an end.
  [[nodiscard]] static FrameSource::Plan endless() {
    return {.frames = 1'000'000, .period = std::chrono::milliseconds(5), .stays_open = true};
  }
  /// Returns some frames, then silence.
  [[nodiscard]] static FrameSource::Plan silent(int frames) { return {.frames = frames, .stays_open = true}; }
  /// Returns more frames than an output that is not read takes, then silence.
  [[nodiscard]] static FrameSource::Plan too_many() {
    return {.format = large_frames, .frames = many, .stays_open = true};
  }

  Watchdog watchdog_{"a flow that should end"};
  ScratchFolder folder_;
  std::filesystem::path in_ = folder_ / "in";
  std::filesystem::path out_ = folder_ / "out";
  std::filesystem::path file_ = folder_ / "file";
};

/// Starts a thread that waits until `ready` and a little longer, and then calls `act`.
template <class Ready>
std::jthread once(Ready ready, std::function<void()> act) {
  return std::jthread([ready, act = std::move(act)] {
    while (!ready()) std::this_thread::sleep_for(1ms);
    std::this_thread::sleep_for(100ms);
    act();
  });
}

TEST_P(StreamFlowEnds, FilterFailsInSilence) {
  OutputDrain drain(out_);
  const FrameSource source(in_, silent(1));
  FlowRun run(in_, out_, 2, [](int) { throw std::runtime_error("the filter fails"); });
  EXPECT_EQ(run.failure(GetParam()), "the filter fails");
}

TEST_P(StreamFlowEnds, FilterFailsAtAnyFrame) {
  for (int at = 0; at < 12; ++at) {
    write_text_file(file_, whole_stream(small_frames, 400));
    std::atomic<int> begun = 0;
    FlowRun run(file_, folder_ / "seen", 3, [&](int) {
      if (begun++ == at) throw std::runtime_error("the filter fails");
      std::this_thread::sleep_for(100us);
    });
    const std::string failure = run.failure(GetParam());
    if (begun > at) {
      EXPECT_EQ(failure, "the filter fails");
    }
    const auto seen = seen_frames(small_frames, read_text_file(folder_ / "seen"));
    for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i].number, static_cast<int>(i));
  }
}

TEST_P(StreamFlowEnds, FilterFailsUnread) {
  const std::fstream nobody_reads(out_);
  const FrameSource source(in_, too_many());
  std::atomic<bool> fails = false;
  FlowRun run(in_, out_, 2, [&](int) {
    while (!fails) std::this_thread::sleep_for(1ms);
    throw std::runtime_error("the filter fails");
  });
  const std::jthread failing = once([] { return true; }, [&] { fails = true; });
  EXPECT_EQ(run.failure(GetParam()), "the filter fails");
}

TEST_P(StreamFlowEnds, ReaderFailsUnread) {
  const std::fstream nobody_reads(out_);
  const FrameSource source(in_, {.format = large_frames, .frames = 5, .stays_open = true});
  std::atomic<bool> fails = false;
  FlowRun run(
      in_, out_, 2, [](int) { std::this_thread::sleep_for(20ms); },
      [&] {
        if (fails) throw std::runtime_error("the reader fails");
      });
  const std::jthread failing = once([&] { return run.totals().read.count == 5; }, [&] { fails = true; });
  EXPECT_EQ(run.failure(GetParam()), "the reader fails");
}

TEST_P(StreamFlowEnds, WriterFailsInSilence) {
  const FrameSource source(in_, silent(3));
  FlowRun run(in_, "/dev/full", 2, [](int) { std::this_thread::sleep_for(20ms); });
  EXPECT_NE(run.failure(GetParam()).find("/dev/full: No space left"), std::string::npos);
}

TEST_P(StreamFlowEnds, WriterFailsFull) {
  write_text_file(file_, whole_stream(small_frames, 400));
  FlowRun run(file_, "/dev/full", 1, [](int) { std::this_thread::sleep_for(1ms); });
  EXPECT_NE(run.failure(GetParam()).find("/dev/full: No space left"), std::string::npos);
}

TEST_P(StreamFlowEnds, ClosedOutput) {
  for (const std::size_t bytes : {1U, 20U, 5000U}) {
    OutputDrain drain(out_, bytes);
    const FrameSource source(in_, endless());
    FlowRun run(in_, out_, 2, {});
    run.run(GetParam());
    EXPECT_TRUE(run.output_is_closed());
    EXPECT_EQ(drain.finish().size(), bytes);
    EXPECT_FALSE(run.stop().was_requested());
  }
}

TEST_P(StreamFlowEnds, ClosedBeforeHeader) {
  std::fstream reads(out_);
  const FrameSource source(in_, endless());
  FlowRun run(in_, out_, 2, {});
  reads.close();
  EXPECT_LT(run.run(GetParam()), soon);
  EXPECT_TRUE(run.output_is_closed());
}

TEST_P(StreamFlowEnds, StopInSilence) {
  for (const int frames : {0, 5}) {
    OutputDrain drain(out_);
    const FrameSource source(in_, silent(frames));
    FlowRun run(in_, out_, 2, {});
    const std::jthread stopping =
        once([&] { return run.totals().written.count == frames; }, [&] { run.ask_to_stop(); });
    EXPECT_LT(run.run(GetParam()), soon);
    EXPECT_EQ(std::ssize(seen_frames(small_frames, drain.finish())), frames);
    EXPECT_TRUE(run.stop().was_requested());
    EXPECT_EQ(run.reader().damage(), "");
  }
}

TEST_P(StreamFlowEnds, StopWritesWhatWasRead) {
  OutputDrain drain(out_);
  const FrameSource source(in_, endless());
  FlowRun run(in_, out_, 2, [](int) { std::this_thread::sleep_for(15ms); });
  const std::jthread stopping = once([&] { return run.totals().read.count > 20; }, [&] { run.ask_to_stop(); });
  EXPECT_LT(run.run(GetParam()), soon);
  EXPECT_EQ(std::ssize(seen_frames(small_frames, drain.finish())), run.totals().read.count);
  EXPECT_EQ(run.reader().damage(), "");
}

TEST_P(StreamFlowEnds, StopUnread) {
  const std::fstream nobody_reads(out_);
  const FrameSource source(in_, too_many());
  FlowRun run(in_, out_, 2, {});
  const std::jthread stopping = once([&] { return run.totals().read.count >= 6; }, [&] { run.ask_to_stop(); });
  EXPECT_LT(run.run(GetParam()), soon);
  EXPECT_TRUE(run.stop().was_requested());
  EXPECT_FALSE(run.output_is_closed());
}

TEST_P(StreamFlowEnds, StopUnreadAtEnd) {
  const std::fstream nobody_reads(out_);
  // All frames have been read, but the last ones do not fit into the pipe.
  write_text_file(file_, whole_stream(large_frames, 6));
  FlowRun run(file_, out_, 2, {});
  const std::jthread stopping = once([&] { return run.totals().read.count == 6; }, [&] { run.ask_to_stop(); });
  EXPECT_LT(run.run(GetParam()), soon);
  EXPECT_TRUE(run.stop().was_requested());
}

INSTANTIATE_TEST_SUITE_P(Policies, StreamFlowEnds, testing::Values(Policy::live, Policy::ordered),
                         [](const auto& one) { return one.param == Policy::live ? "live" : "ordered"; });

}  // namespace
}  // namespace haloedge

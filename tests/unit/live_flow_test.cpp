#include <chrono>
#include <csignal>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "core/file.hpp"
#include "stream/stream_flow.hpp"
#include "stream_fixture.hpp"
#include "support/scratch_folder.hpp"
#include "watchdog.hpp"

namespace haloedge {
namespace {

using namespace std::chrono_literals;

class LiveFlowTest : public testing::Test {
 protected:
  LiveFlowTest() {
    (void)std::signal(SIGPIPE, SIG_IGN);
    make_pipe(in_);
    make_pipe(out_);
  }

  Watchdog watchdog_{"a live flow"};
  ScratchFolder folder_;
  std::filesystem::path in_ = folder_ / "in";
  std::filesystem::path out_ = folder_ / "out";
  std::filesystem::path file_ = folder_ / "file";
};

/// Checks that all frames are there, in order, that annotations are those of the same or an earlier frame, and that
/// they never go back. Returns the number of different annotations.
int expect_all_frames(const std::vector<SeenFrame>& seen, int frames) {
  EXPECT_EQ(std::ssize(seen), frames);
  int last = -1;
  int changes = 0;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    EXPECT_EQ(seen[i].number, static_cast<int>(i));
    if (!seen[i].edges_of) {
      EXPECT_EQ(last, -1) << "an annotation has gone";
      continue;
    }
    EXPECT_LE(*seen[i].edges_of, seen[i].number);
    EXPECT_GE(*seen[i].edges_of, last);
    changes += *seen[i].edges_of != last ? 1 : 0;
    last = *seen[i].edges_of;
  }
  return changes;
}

TEST_F(LiveFlowTest, SlowFilter) {
  for (const int filters : {1, 3}) {
    OutputDrain drain(out_);
    const FrameSource source(in_, {.frames = 100, .period = 10ms});
    FlowRun run(in_, out_, filters, [](int) { std::this_thread::sleep_for(200ms); });
    run.run(Policy::live);
    EXPECT_GE(expect_all_frames(seen_frames(small_frames, drain.finish()), 100), 2);
    const StreamStats::Totals totals = run.totals();
    EXPECT_EQ(totals.read.count, 100);
    EXPECT_EQ(totals.written.count, 100);
    EXPECT_LT(totals.latency.quantile(0.5), 50'000);
    EXPECT_GE(totals.filter.quantile(0.01), 200'000);
    EXPECT_GT(totals.age.quantile(0.5), 5) << "an edge map is older than its frames";
  }
}

TEST_F(LiveFlowTest, FastFilter) {
  for (const int filters : {1, 4}) {
    int changes = 0;
    std::int64_t age = 0;
    for (const auto period : {5ms, 20ms, 80ms}) {  // a busy machine needs a slower source
      OutputDrain drain(out_);
      const FrameSource source(in_, {.frames = 200, .period = period});
      FlowRun run(in_, out_, filters, [](int n) { std::this_thread::sleep_for(std::chrono::milliseconds(n % 3)); });
      run.run(Policy::live);
      changes = expect_all_frames(seen_frames(small_frames, drain.finish()), 200);
      age = run.totals().age.quantile(0.5);
      if (changes >= 20 && age <= 20) break;
    }
    EXPECT_GE(changes, 20);
    EXPECT_LE(age, 20);
  }
}

TEST_F(LiveFlowTest, FullSpeed) {
  write_text_file(file_, whole_stream(small_frames, 2000));
  for (const int filters : {1, 4}) {
    FlowRun run(file_, folder_ / "seen", filters, {});
    run.run(Policy::live);
    expect_all_frames(seen_frames(small_frames, read_text_file(folder_ / "seen")), 2000);
  }
}

TEST_F(LiveFlowTest, FirstFrame) {
  OutputDrain drain(out_);
  const FrameSource source(in_, {.frames = 1, .stays_open = true});
  FlowRun run(in_, out_, 1, {});
  std::jthread stopper([&] {
    while (run.totals().written.count < 1) std::this_thread::sleep_for(1ms);
    run.ask_to_stop();
  });
  run.run(Policy::live);
  expect_all_frames(seen_frames(small_frames, drain.finish()), 1);
}

TEST_F(LiveFlowTest, EndOfInput) {
  OutputDrain drain(out_);
  const FrameSource source(in_, {.frames = 30, .period = 10ms});
  FlowRun run(in_, out_, 1, [](int) { std::this_thread::sleep_for(400ms); });
  EXPECT_LT(run.run(Policy::live), 3s);
  expect_all_frames(seen_frames(small_frames, drain.finish()), 30);
  EXPECT_LE(run.totals().filtered.count, 2);
}

TEST_F(LiveFlowTest, FilterRate) {
  for (const int filters : {1, 3}) {
    OutputDrain drain(out_);
    const FrameSource source(in_, {.frames = 100, .period = 5ms});
    FlowRun run(in_, out_, filters, {});
    run.max_filtered_a_second = 20;
    const auto took = run.run(Policy::live);
    expect_all_frames(seen_frames(small_frames, drain.finish()), 100);
    EXPECT_LE(run.totals().filtered.count, 1 + took / 50ms);
    EXPECT_GE(run.totals().filtered.count, 3);
  }
}

TEST_F(LiveFlowTest, NoAllocation) {
  const FrameFormat format{.width = 128, .height = 48};
  std::vector<std::int64_t> allocated;
  for (const int frames : {20, 60}) {
    write_text_file(file_, whole_stream(format, frames));
    FlowRun run(file_, folder_ / "seen", 2, {});
    run.hud = true;
    run.run(Policy::live);
    EXPECT_EQ(run.totals().written.count, frames);
    allocated.push_back(run.allocated());
  }
  EXPECT_EQ(allocated.front(), allocated.back());
}

}  // namespace
}  // namespace haloedge

#include <algorithm>
#include <chrono>
#include <csignal>
#include <mutex>
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

class OrderedFlowTest : public testing::Test {
 protected:
  void make_input(const FrameFormat& format, int frames) { write_text_file(in_, whole_stream(format, frames)); }

  void expect_frames(int frames) const {
    const std::vector<SeenFrame> seen = seen_frames(small_frames, read_text_file(out_));
    EXPECT_EQ(std::ssize(seen), frames);
    for (std::size_t i = 0; i < seen.size(); ++i) {
      EXPECT_EQ(seen[i].number, static_cast<int>(i));
      EXPECT_EQ(seen[i].edges_of, seen[i].number);
    }
  }

  Watchdog watchdog_{"an ordered flow"};
  ScratchFolder folder_;
  std::filesystem::path in_ = folder_ / "in";
  std::filesystem::path out_ = folder_ / "out";
};

TEST_F(OrderedFlowTest, OwnEdges) {
  make_input(small_frames, 150);
  for (const int filters : {1, 4}) {
    FlowRun run(in_, out_, filters, [](int number) {
      std::this_thread::sleep_for(std::chrono::microseconds(number % 10 == 0 ? 20'000 : number * 977 % 3000));
    });
    run.run(Policy::ordered);
    expect_frames(150);
    const StreamStats::Totals totals = run.totals();
    EXPECT_EQ(totals.read.count, 150);
    EXPECT_EQ(totals.filtered.count, 150);
    EXPECT_EQ(totals.written.count, 150);
    EXPECT_EQ(totals.age.max(), 0);
  }
}

TEST_F(OrderedFlowTest, FullSpeed) {
  make_input(small_frames, 2000);
  for (const int filters : {1, 4}) {
    FlowRun run(in_, out_, filters, {});
    run.run(Policy::ordered);
    expect_frames(2000);
  }
}

TEST_F(OrderedFlowTest, NoFrames) {
  make_input(small_frames, 0);
  FlowRun run(in_, out_, 2, {});
  run.run(Policy::ordered);
  EXPECT_FALSE(read_text_file(out_).empty());
  expect_frames(0);
}

TEST_F(OrderedFlowTest, Parallel) {
  make_input(small_frames, 24);
  FlowRun run(in_, out_, 4, [](int) { std::this_thread::sleep_for(50ms); });
  EXPECT_LT(run.run(Policy::ordered), 24 * 50ms * 3 / 4);
  expect_frames(24);
}

TEST_F(OrderedFlowTest, DamagedInput) {
  std::string text = whole_stream(small_frames, 10);
  text.pop_back();
  write_text_file(in_, text);
  FlowRun run(in_, out_, 3, {});
  run.run(Policy::ordered);
  expect_frames(9);
  EXPECT_NE(run.reader().damage(), "");
}

TEST_F(OrderedFlowTest, FilterRate) {
  make_input(small_frames, 25);
  for (const int filters : {1, 4}) {
    std::mutex guard;
    std::vector<StreamClock::time_point> begins;
    FlowRun run(in_, out_, filters, [&](int) {
      const std::lock_guard lock(guard);
      begins.push_back(StreamClock::now());
    });
    run.max_filtered_a_second = 50;
    const StreamClock::time_point start = StreamClock::now();
    run.run(Policy::ordered);
    expect_frames(25);
    std::sort(begins.begin(), begins.end());
    for (std::size_t i = 0; i < begins.size(); ++i) EXPECT_GE(begins[i] - start, static_cast<int>(i) * 20ms);
  }
}

TEST_F(OrderedFlowTest, NoAllocation) {
  const FrameFormat format{.width = 128, .height = 48};
  std::vector<std::int64_t> allocated;
  for (const int frames : {20, 60}) {
    make_input(format, frames);
    FlowRun run(in_, out_, 2, {});
    run.hud = true;
    run.run(Policy::ordered);
    EXPECT_EQ(run.totals().written.count, frames);
    allocated.push_back(run.allocated());
  }
  EXPECT_EQ(allocated.front(), allocated.back());
}

}  // namespace
}  // namespace haloedge

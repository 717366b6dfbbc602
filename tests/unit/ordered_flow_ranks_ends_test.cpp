// Tests that all ranks of an ordered flow end, however the flow ends.
#include <atomic>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "core/file.hpp"
#include "ranked_run.hpp"
#include "support/scratch_folder.hpp"
#include "watchdog.hpp"

namespace haloedge {
namespace {

using namespace std::chrono_literals;

using Failures = std::vector<std::string>;

class RemoteFilterEnds : public testing::Test {
 protected:
  RemoteFilterEnds() { (void)std::signal(SIGPIPE, SIG_IGN); }

  void make_input(int frames) { write_text_file(in_, whole_stream(small_frames, frames)); }

  void make_pipes() {
    make_pipe(in_);
    make_pipe(out_);
  }

  const std::string peer_failure_ = PeerFailure().what();
  Watchdog watchdog_{"an ordered flow over ranks"};
  ScratchFolder folder_;
  std::filesystem::path in_ = folder_ / "in";
  std::filesystem::path out_ = folder_ / "out";
};

TEST_F(RemoteFilterEnds, FilterFails) {
  make_input(400);
  for (const int at : {0, 1, 2, 7, 30}) {
    std::atomic<int> begun = 0;
    const auto fails = [&](int number) {
      if (begun++ == at) throw std::runtime_error("the filter fails");
      nap_now_and_then(number);
    };
    RankedRun run(in_, out_, {3, 2}, nap_now_and_then, {fails, nap_now_and_then});
    EXPECT_EQ(run.failures(), (Failures{peer_failure_, "the filter fails", peer_failure_})) << at;
    EXPECT_LT(expect_in_order(read_text_file(out_)), 400);
  }
}

TEST_F(RemoteFilterEnds, Rank0Fails) {
  make_input(400);
  std::atomic<int> begun = 0;
  const auto fails = [&](int number) {
    if (begun++ == 5) throw std::runtime_error("the filter fails");
    nap_now_and_then(number);
  };
  RankedRun run(in_, out_, {3, 2}, fails, {nap_now_and_then});
  const Failures failures = run.failures();
  EXPECT_EQ(failures.at(0), "the filter fails");
  // A rank that has nothing under way may get the end of all frames before the failure, and then ends well.
  for (const std::size_t rank : {1U, 2U}) EXPECT_TRUE(failures.at(rank) == peer_failure_ || failures.at(rank).empty());
}

TEST_F(RemoteFilterEnds, Rank0FailsOthersWork) {
  make_input(400);
  RankedRun* ranked = nullptr;
  std::atomic<bool> begun = false;
  const auto fail = [&](int) {
    while (!begun) std::this_thread::sleep_for(1ms);
    throw std::runtime_error("the filter fails");
  };
  // This rank never sends edges, and rank 0 must not wait for them.
  const auto work_until_another_fails = [&](int) {
    begun = true;
    for (;;) {
      ranked->at(1).check_peers();
      std::this_thread::sleep_for(1ms);
    }
  };
  RankedRun run(in_, out_, {2}, fail, {work_until_another_fails});
  ranked = &run;
  EXPECT_EQ(run.failures(), (Failures{"the filter fails", peer_failure_}));
}

TEST_F(RemoteFilterEnds, FilterFailsInSilence) {
  make_pipes();
  OutputDrain drain(out_);
  // There are more frames than rank 0 has filters. Its filters wait until the other rank has got a frame.
  const FrameSource source(in_, {.frames = 8, .stays_open = true});
  std::atomic<bool> begun = false;
  const auto wait = [&](int) {
    while (!begun) std::this_thread::sleep_for(1ms);
  };
  const auto fail = [&](int) {
    begun = true;
    std::this_thread::sleep_for(100ms);
    throw std::runtime_error("the filter fails");
  };
  RankedRun run(in_, out_, {1}, wait, {fail});
  EXPECT_EQ(run.failures(), (Failures{peer_failure_, "the filter fails"}));
}

TEST_F(RemoteFilterEnds, ClosedOutput) {
  make_pipes();
  for (const std::size_t bytes : {1U, 20U, 5000U}) {
    OutputDrain drain(out_, bytes);
    const FrameSource source(in_, {.frames = 1'000'000, .period = 2ms, .stays_open = true});
    RankedRun run(in_, out_, {2, 1}, nap_now_and_then, {nap_now_and_then});
    EXPECT_EQ(run.failures(), Failures(3));
    EXPECT_TRUE(run.flow().output_is_closed());
    EXPECT_EQ(drain.finish().size(), bytes);
  }
}

TEST_F(RemoteFilterEnds, StopWritesWhatWasRead) {
  make_pipes();
  OutputDrain drain(out_);
  const FrameSource source(in_, {.frames = 1'000'000, .period = 2ms, .stays_open = true});
  RankedRun run(in_, out_, {2, 1}, nap_now_and_then, {nap_now_and_then});
  const std::jthread stopping([&run] {
    while (run.flow().totals().read.count < 40) std::this_thread::sleep_for(1ms);
    run.flow().ask_to_stop();
  });
  EXPECT_EQ(run.failures(), Failures(3));
  EXPECT_TRUE(run.flow().stop().was_requested());
  EXPECT_EQ(expect_in_order(drain.finish()), run.flow().totals().read.count);
}

TEST_F(RemoteFilterEnds, StopInSilence) {
  make_pipes();
  for (const int frames : {0, 5}) {
    OutputDrain drain(out_);
    const FrameSource source(in_, {.frames = frames, .stays_open = true});
    RankedRun run(in_, out_, {2}, {}, {RankedRun::Before()});
    const std::jthread stopping([&run, frames] {
      while (run.flow().totals().written.count < frames) std::this_thread::sleep_for(1ms);
      run.flow().ask_to_stop();
    });
    EXPECT_EQ(run.failures(), Failures(2));
    EXPECT_EQ(expect_in_order(drain.finish()), frames);
  }
}

}  // namespace
}  // namespace haloedge

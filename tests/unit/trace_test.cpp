#include "run/trace.hpp"

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

namespace haloedge {
namespace {

using namespace std::chrono_literals;

double seconds_of(const Trace& trace, Phase phase) { return trace.seconds().at(static_cast<std::size_t>(phase)); }

TEST(Trace, NestedScopes) {
  Trace trace(true);
  {
    const Trace::Scope outer(trace, Phase::decode);
    std::this_thread::sleep_for(20ms);
    const Trace::Scope inner(trace, Phase::gray);
    std::this_thread::sleep_for(60ms);
  }
  EXPECT_GE(seconds_of(trace, Phase::gray), 0.06);
  EXPECT_GE(seconds_of(trace, Phase::decode), 0.02);
  const auto& intervals = trace.lanes().front().intervals;
  ASSERT_EQ(intervals.size(), 2U);
  const auto length = [&](std::size_t i) { return intervals[i].end - intervals[i].begin; };
  EXPECT_NEAR(seconds_of(trace, Phase::decode), length(1) - length(0), 1e-9) << "the inner scope's time is not its own";
}

TEST(Trace, Threads) {
  Trace trace(true);
  const auto work = [&] {
    const Trace::Scope scope(trace, Phase::filter);
    std::this_thread::sleep_for(20ms);
  };
  std::thread a(work);
  std::thread b(work);
  a.join();
  b.join();
  EXPECT_GE(seconds_of(trace, Phase::filter), 0.04);
  ASSERT_EQ(trace.lanes().size(), 2U);
  EXPECT_EQ(trace.lanes().front().intervals.size(), 1U);
  EXPECT_EQ(trace.lanes().back().intervals.size(), 1U);
}

TEST(Trace, NamesOfLanes) {
  Trace trace(true);
  { const Trace::Scope scope(trace, Phase::decode); }
  std::jthread([&] { const Trace::Scope scope(trace, Phase::decode); }).join();
  std::jthread([&] {
    trace.name_lane("receive");
    const Trace::Scope scope(trace, Phase::write);
  }).join();
  std::vector<std::string> names;
  for (const Trace::Lane& lane : trace.lanes()) names.push_back(lane.name);
  EXPECT_EQ(names, (std::vector<std::string>{"main", "worker", "receive"}));
}

TEST(Trace, Intervals) {
  Trace trace(false);
  { const Trace::Scope scope(trace, Phase::write); }
  EXPECT_TRUE(trace.lanes().front().intervals.empty());
}

}  // namespace
}  // namespace haloedge

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "stream/stream_flow.hpp"
#include "watchdog.hpp"

namespace haloedge {
namespace {

using namespace std::chrono_literals;

bool is_never_lifted() { return false; }

TEST(Throttle, Rate) {
  const Watchdog watchdog("a throttle");
  for (const int threads : {1, 3}) {
    const StreamClock::time_point start = StreamClock::now();
    Throttle throttle(100, is_never_lifted);
    std::mutex guard;
    std::vector<StreamClock::time_point> turns;
    {
      std::vector<std::jthread> team;
      for (int i = 0; i < threads; ++i) {
        team.emplace_back([&] {
          for (int turn = 0; turn < 30 / threads; ++turn) {
            EXPECT_TRUE(throttle.wait_for_turn());
            const std::lock_guard lock(guard);
            turns.push_back(StreamClock::now());
          }
        });
      }
    }
    std::sort(turns.begin(), turns.end());
    ASSERT_EQ(turns.size(), 30U);
    for (std::size_t i = 0; i < turns.size(); ++i) EXPECT_GE(turns[i] - start, static_cast<int>(i) * 10ms);
    EXPECT_LT(turns.back() - start, 5s);
  }
}

TEST(Throttle, UnusedTime) {
  Throttle throttle(50, is_never_lifted);
  EXPECT_TRUE(throttle.wait_for_turn());
  std::this_thread::sleep_for(200ms);
  EXPECT_TRUE(throttle.wait_for_turn());
  const StreamClock::time_point begin = StreamClock::now();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(throttle.wait_for_turn());
  EXPECT_GE(StreamClock::now() - begin, 75ms);
}

TEST(Throttle, NoLimit) {
  Throttle throttle(0, is_never_lifted);
  const StreamClock::time_point begin = StreamClock::now();
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(throttle.wait_for_turn());
  EXPECT_LT(StreamClock::now() - begin, 2s);
}

TEST(Throttle, Ended) {
  const Watchdog watchdog("a throttle that was ended");
  for (const auto delay : {0us, 100us, 20000us}) {
    Throttle throttle(0.001, is_never_lifted);
    EXPECT_TRUE(throttle.wait_for_turn());
    std::atomic<int> turned_away = 0;
    {
      std::vector<std::jthread> team;
      for (int i = 0; i < 3; ++i) team.emplace_back([&] { turned_away += throttle.wait_for_turn() ? 0 : 1; });
      std::this_thread::sleep_for(delay);
      throttle.end();
    }
    EXPECT_EQ(turned_away, 3);
    EXPECT_FALSE(throttle.wait_for_turn());
  }
}

TEST(Throttle, Lifted) {
  const Watchdog watchdog("a throttle that is lifted");
  std::atomic<bool> is_lifted = false;
  Throttle throttle(0.01, [&] { return is_lifted.load(); });
  EXPECT_TRUE(throttle.wait_for_turn());
  std::atomic<bool> had_a_turn = false;
  std::jthread waiting([&] { had_a_turn = throttle.wait_for_turn(); });
  std::this_thread::sleep_for(20ms);
  EXPECT_FALSE(had_a_turn);
  is_lifted = true;
  waiting.join();
  EXPECT_TRUE(had_a_turn);
  EXPECT_TRUE(throttle.wait_for_turn());
  throttle.end();
  EXPECT_FALSE(throttle.wait_for_turn());
}

}  // namespace
}  // namespace haloedge

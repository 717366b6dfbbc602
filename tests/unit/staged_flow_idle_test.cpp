// No thread of a flow idles while there is work for it, and room for what it makes: read off a StageLog.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "sets/memory_gate.hpp"
#include "sets/staged_flow.hpp"

namespace haloedge {
namespace {

using namespace std::chrono_literals;
using Clock = StageLog::Clock;
using Time = Clock::time_point;
using Lanes = std::vector<const StageLog::Lane*>;

constexpr int stages = 3;
constexpr int items = 24;
constexpr auto slow = 40ms;
/// Shorter than `slow`: what is not told of work or room learns of it with the next item of the slow stage at best.
constexpr auto tolerance = 30ms;
/// Of waits that should not be, in all: the short ones add up on a busy machine.
constexpr auto little = items / 8 * slow;

Clock::duration total(const Lanes& lanes, Doing doing) {
  Clock::duration sum{};
  for (const StageLog::Lane* lane : lanes) {
    for (const auto& interval : lane->intervals) sum += interval.doing == doing ? interval.end - interval.begin : 0ns;
  }
  return sum;
}

/// When a queue's length changed, in order, and by how much; the end of time is the last.
using Moves = std::vector<std::pair<Time, int>>;

/// An item is in the queue from the end of its wait for room, or of its piece of work, until work on it begins.
Moves moves(const Lanes& before, const Lanes& behind) {
  Moves all;
  for (const StageLog::Lane* lane : before) {
    for (std::size_t i = 0; i < lane->intervals.size(); ++i) {
      if (lane->intervals[i].doing != Doing::work) continue;
      const bool waits = i + 1 < lane->intervals.size() && lane->intervals[i + 1].doing == Doing::waiting_for_room;
      all.emplace_back(lane->intervals[i + (waits ? 1 : 0)].end, 1);
    }
  }
  for (const StageLog::Lane* lane : behind) {
    for (const auto& interval : lane->intervals) {
      if (interval.doing == Doing::work) all.emplace_back(interval.begin, -1);
    }
  }
  std::sort(all.begin(), all.end());
  all.emplace_back(Time::max(), 0);
  return all;
}

/// When a queue's length was `wrong`.
template <class Wrong>
std::vector<std::pair<Time, Time>> stretches(const Moves& queue, Wrong wrong) {
  std::vector<std::pair<Time, Time>> all;
  int length = 0;
  Time since = Time::min();
  for (const auto& [at, change] : queue) {
    const bool goes_on = !all.empty() && all.back().second == since;
    if (wrong(length) && goes_on) all.back().second = at;
    if (wrong(length) && !goes_on) all.emplace_back(since, at);
    length += change;
    since = at;
  }
  return all;
}

/// The longest time within the lanes' waits of a kind that a queue's length was `wrong` for.
template <class Wrong>
Clock::duration longest(const Lanes& lanes, Doing wait, const Moves& queue, Wrong wrong) {
  Clock::duration most{};
  const auto bad = stretches(queue, wrong);
  for (const StageLog::Lane* lane : lanes) {
    for (const auto& [doing, begin, end] : lane->intervals) {
      if (doing != wait) continue;
      for (const auto& [from, to] : bad) most = std::max(most, std::min(to, end) - std::max(from, begin));
    }
  }
  return most;
}

/// The longest time between two intervals of a thread.
Clock::duration longest_gap(const Lanes& lanes) {
  Clock::duration most{};
  for (const StageLog::Lane* lane : lanes) {
    for (std::size_t i = 1; i < lane->intervals.size(); ++i) {
      most = std::max(most, lane->intervals[i].begin - lane->intervals[i - 1].end);
    }
  }
  return most;
}

/// A flow of three stages; the threads of each.
std::vector<Lanes> lanes_of(const StageLog& log) {
  std::vector<Lanes> all(stages);
  for (const StageLog::Lane& lane : log.lanes())
    all.at(static_cast<std::size_t>(lane.stage.at(0) - 'a')).push_back(&lane);
  return all;
}

/// Where the slow stage is; the capacity of the queues.
class Idle : public testing::TestWithParam<std::tuple<int, int>> {
 protected:
  static void run_flow(StageLog& log) {
    const auto [place, capacity] = GetParam();
    std::atomic<int> next = 0;
    std::vector<StagedFlow<int>::Stage> line;
    for (int stage = 0; stage < stages; ++stage) {
      const bool is_slow = stage == place;
      line.push_back({std::string(1, static_cast<char>('a' + stage)), is_slow ? 1 : 2, [is_slow](int&) {
                        if (is_slow) std::this_thread::sleep_for(slow);
                      }});
    }
    StagedFlow<int> flow(
        [&] {
          const int number = next++;
          return number < items ? std::optional(number) : std::nullopt;
        },
        line, static_cast<std::size_t>(capacity), &log);
    EXPECT_TRUE(flow.wait_for(30s));
  }

  /// What is wrong, in words.
  static std::string faults(const StageLog& log) {
    const int place = std::get<0>(GetParam());
    const int capacity = std::get<1>(GetParam());
    const std::vector<Lanes> lanes = lanes_of(log);
    std::string text;
    const auto expect = [&](bool right, int stage, const std::string& what) {
      if (!right) text += std::string(1, static_cast<char>('a' + stage)) + ": " + what + '\n';
    };
    for (int stage = 0; stage < stages; ++stage) {
      const Lanes& own = lanes.at(static_cast<std::size_t>(stage));
      const auto for_work = total(own, Doing::waiting_for_work);
      const auto for_room = total(own, Doing::waiting_for_room);
      expect(longest_gap(own) < tolerance, stage, "neither works nor waits");
      expect(total(own, Doing::waiting_for_memory) == 0ns, stage, "waits for memory");
      expect(stage > place ? for_work > items / 2 * slow : for_work < little, stage, "wait for work");
      expect(stage < place ? for_room > items / 4 * slow : for_room < little, stage, "wait for room");
      if (stage > 0) {
        const Moves queue = moves(lanes.at(static_cast<std::size_t>(stage - 1)), own);
        const auto idle = longest(own, Doing::waiting_for_work, queue, [](int length) { return length > 0; });
        expect(idle < tolerance, stage, "idles before a queue with work");
      }
      if (stage + 1 < stages) {
        // Producers are woken once a queue is half empty: it has room for them then.
        const Moves queue = moves(own, lanes.at(static_cast<std::size_t>(stage + 1)));
        const auto idle =
            longest(own, Doing::waiting_for_room, queue, [&](int length) { return length <= capacity / 2; });
        expect(idle < tolerance, stage, "idles behind a queue with room");
      }
    }
    return text;
  }
};

TEST_P(Idle, OnlyBehindAndBeforeTheSlowStage) {
  std::string found;
  for (int attempt = 0; attempt < 5; ++attempt) {  // a busy machine is late at times, a fault is there each time
    StageLog log;
    run_flow(log);
    std::size_t pieces = 0;
    for (const StageLog::Lane& lane : log.lanes()) {
      pieces += static_cast<std::size_t>(std::count_if(lane.intervals.begin(), lane.intervals.end(),
                                                       [](const auto& i) { return i.doing == Doing::work; }));
    }
    ASSERT_EQ(pieces, std::size_t{stages} * items);
    found = faults(log);
    if (found.empty()) return;
  }
  FAIL() << found;
}

INSTANTIATE_TEST_SUITE_P(Places, Idle, testing::Combine(testing::Values(0, 1, 2), testing::Values(1, 4)),
                         [](const auto& place) {
                           return "slow_" + std::to_string(std::get<0>(place.param)) + "_capacity_" +
                                  std::to_string(std::get<1>(place.param));
                         });

TEST(StageLog, WaitForMemoryLiesWithinTheWork) {
  MemoryGate gate(1);
  StageLog log;
  std::atomic<int> next = 0;
  StagedFlow<MemoryGate::Lease> flow([&] { return next++ < 2 ? std::optional(MemoryGate::Lease()) : std::nullopt; },
                                     {{"take", 1, [&](MemoryGate::Lease& lease) { lease = gate.borrow(1); }},
                                      {"hold", 1, [](MemoryGate::Lease&) { std::this_thread::sleep_for(slow); }}},
                                     1, &log);
  ASSERT_TRUE(flow.wait_for(10s));
  const StageLog::Lane& take = log.lanes().front();
  const auto wait = std::max_element(take.intervals.begin(), take.intervals.end(), [](const auto& a, const auto& b) {
    const auto length = [](const auto& i) { return i.doing == Doing::waiting_for_memory ? i.end - i.begin : 0ns; };
    return length(a) < length(b);
  });
  ASSERT_NE(wait, take.intervals.end());
  ASSERT_EQ(wait->doing, Doing::waiting_for_memory);
  const auto work = std::next(wait);
  ASSERT_NE(work, take.intervals.end());
  EXPECT_EQ(work->doing, Doing::work);
  EXPECT_LE(work->begin, wait->begin);
  EXPECT_GE(work->end, wait->end);
  EXPECT_GT(wait->end - wait->begin, slow / 2);
  EXPECT_EQ(interval_name(take, wait->doing), "wait for memory");
  EXPECT_EQ(interval_name(take, work->doing), "take");
}

TEST(StageLog, ThreadsWithoutALaneLeaveNoTrace) {
  StageLog log;
  StageLog::Lane& lane = log.add_lane("only");
  std::jthread([&] {
    StageLog::take_lane(&lane);
    { const StageLog::Scope work(Doing::work); }
    { const StageLog::Scope wait(Doing::waiting_for_room); }  // too short
  }).join();
  std::jthread([] { const StageLog::Scope work(Doing::work); }).join();
  { const StageLog::Scope work(Doing::work); }
  EXPECT_EQ(lane.intervals.size(), 1U);
}

}  // namespace
}  // namespace haloedge

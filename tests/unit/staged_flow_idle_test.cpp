// Tests with a Trace that no thread of a flow idles while there is work for it and room for its results.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>
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
/// Time in seconds since the trace was made.
using Time = double;
using Lanes = std::vector<const Trace::Lane*>;

constexpr int stages = 3;
constexpr int items = 24;

double total(const Lanes& lanes, Phase phase) {
  double sum = 0;
  for (const Trace::Lane* lane : lanes) {
    for (const auto& interval : lane->intervals) sum += interval.phase == phase ? interval.end - interval.begin : 0;
  }
  return sum;
}

/// The times at which a queue's length changed, in order, and the changes. The last one is the end of time.
using Moves = std::vector<std::pair<Time, int>>;

/// Returns the changes of a queue's length. An item is in the queue from the end of its piece of work, or of the wait
/// for room after it, until work on it begins.
Moves moves(const Lanes& before, const Lanes& behind) {
  Moves all;
  for (const Trace::Lane* lane : before) {
    for (std::size_t i = 0; i < lane->intervals.size(); ++i) {
      if (lane->intervals[i].phase != Phase::stage) continue;
      const bool waits = i + 1 < lane->intervals.size() && lane->intervals[i + 1].phase == Phase::wait_for_room;
      all.emplace_back(lane->intervals[i + (waits ? 1 : 0)].end, 1);
    }
  }
  for (const Trace::Lane* lane : behind) {
    for (const auto& interval : lane->intervals) {
      if (interval.phase == Phase::stage) all.emplace_back(interval.begin, -1);
    }
  }
  std::sort(all.begin(), all.end());
  all.emplace_back(std::numeric_limits<Time>::max(), 0);
  return all;
}

/// Returns the intervals during which a queue's length was `wrong`.
template <class Wrong>
std::vector<std::pair<Time, Time>> stretches(const Moves& queue, Wrong wrong) {
  std::vector<std::pair<Time, Time>> all;
  int length = 0;
  Time since = std::numeric_limits<Time>::lowest();
  for (const auto& [at, change] : queue) {
    const bool goes_on = !all.empty() && all.back().second == since;
    if (wrong(length) && goes_on) all.back().second = at;
    if (wrong(length) && !goes_on) all.emplace_back(since, at);
    length += change;
    since = at;
  }
  return all;
}

/// Returns the longest time within the lanes' waits of one kind during which a queue's length was `wrong`.
template <class Wrong>
double longest(const Lanes& lanes, Phase wait, const Moves& queue, Wrong wrong) {
  double most = 0;
  const auto bad = stretches(queue, wrong);
  for (const Trace::Lane* lane : lanes) {
    for (const auto& [phase, begin, end] : lane->intervals) {
      if (phase != wait) continue;
      for (const auto& [from, to] : bad) most = std::max(most, std::min(to, end) - std::max(from, begin));
    }
  }
  return most;
}

/// Returns the longest time between two intervals of a thread.
double longest_gap(const Lanes& lanes) {
  double most = 0;
  for (const Trace::Lane* lane : lanes) {
    for (std::size_t i = 1; i < lane->intervals.size(); ++i) {
      most = std::max(most, lane->intervals[i].begin - lane->intervals[i - 1].end);
    }
  }
  return most;
}

/// Returns the lanes of each stage's threads, for a flow of three stages.
std::vector<Lanes> lanes_of(const Trace& log) {
  std::vector<Lanes> all(stages);
  for (const Trace::Lane& lane : log.lanes()) all.at(static_cast<std::size_t>(lane.name.at(0) - 'a')).push_back(&lane);
  return all;
}

/// The parameters are the place of the slow stage and the capacity of the queues.
class FlowIdle : public testing::TestWithParam<std::tuple<int, int>> {
 protected:
  /// Runs a flow whose slow stage takes `slow` seconds for an item.
  static void run_flow(Trace& log, double slow) {
    const auto [place, capacity] = GetParam();
    std::atomic<int> next = 0;
    std::vector<StagedFlow<int>::Stage> line;
    for (int stage = 0; stage < stages; ++stage) {
      const bool is_slow = stage == place;
      line.push_back({std::string(1, static_cast<char>('a' + stage)), is_slow ? 1 : 2, [is_slow, slow](int&) {
                        if (is_slow) std::this_thread::sleep_for(std::chrono::duration<double>(slow));
                      }});
    }
    StagedFlow<int> flow(
        [&] {
          const int number = next++;
          return number < items ? std::optional(number) : std::nullopt;
        },
        line, static_cast<std::size_t>(capacity), &log);
    EXPECT_TRUE(flow.wait_for(2min));
  }

  /// Returns a description of what is wrong.
  static std::string faults(const Trace& log, double slow) {
    const double slow_time = items * slow;
    // A thread that is not woken for work or room goes on with the next item of the slow stage at best.
    const double tolerance = slow * 3 / 4;
    // The most time for all waits that should not occur: short ones add up on a busy machine.
    const double little = slow_time / 8;
    const int place = std::get<0>(GetParam());
    const int capacity = std::get<1>(GetParam());
    const std::vector<Lanes> lanes = lanes_of(log);
    std::string text;
    const auto expect = [&](bool right, int stage, const std::string& what) {
      if (!right) text += std::string(1, static_cast<char>('a' + stage)) + ": " + what + '\n';
    };
    for (int stage = 0; stage < stages; ++stage) {
      const Lanes& own = lanes.at(static_cast<std::size_t>(stage));
      const auto for_work = total(own, Phase::wait_for_work);
      const auto for_room = total(own, Phase::wait_for_room);
      expect(longest_gap(own) < tolerance, stage, "neither works nor waits");
      expect(total(own, Phase::wait_for_memory) == 0, stage, "waits for memory");
      expect(stage > place ? for_work > slow_time / 2 : for_work < little, stage, "wait for work");
      expect(stage < place ? for_room > slow_time / 4 : for_room < little, stage, "wait for room");
      if (stage > 0) {
        const Moves queue = moves(lanes.at(static_cast<std::size_t>(stage - 1)), own);
        const auto idle = longest(own, Phase::wait_for_work, queue, [](int length) { return length > 0; });
        expect(idle < tolerance, stage, "idles before a queue with work");
      }
      if (stage + 1 < stages) {
        // Producers are woken once a queue is half empty, so it counts as having room only then.
        const Moves queue = moves(own, lanes.at(static_cast<std::size_t>(stage + 1)));
        const auto idle = longest(own, Phase::wait_for_room, queue, [&](int length) { return length <= capacity / 2; });
        expect(idle < tolerance, stage, "idles behind a queue with room");
      }
    }
    return text;
  }
};

TEST_P(FlowIdle, SlowStage) {
  std::string found;
  // A fault takes a part of the slow stage's time, however long that is, while the delays of a busy machine do not
  // grow.
  for (const double slow : {40e-3, 80e-3, 160e-3, 320e-3, 640e-3}) {
    Trace log(true);
    run_flow(log, slow);
    std::size_t pieces = 0;
    for (const Trace::Lane& lane : log.lanes()) {
      pieces += static_cast<std::size_t>(std::count_if(lane.intervals.begin(), lane.intervals.end(),
                                                       [](const auto& i) { return i.phase == Phase::stage; }));
    }
    ASSERT_EQ(pieces, std::size_t{stages} * items);
    found = faults(log, slow);
    if (found.empty()) return;
  }
  FAIL() << found;
}

INSTANTIATE_TEST_SUITE_P(Places, FlowIdle, testing::Combine(testing::Values(0, 1, 2), testing::Values(1, 4)),
                         [](const auto& place) {
                           return "slow_" + std::to_string(std::get<0>(place.param)) + "_capacity_" +
                                  std::to_string(std::get<1>(place.param));
                         });

TEST(Trace, MemoryWait) {
  static constexpr double slow = 40e-3;
  Trace log(true);
  MemoryGate gate(1, &log);
  std::atomic<int> next = 0;
  StagedFlow<MemoryGate::Lease> flow(
      [&] { return next++ < 2 ? std::optional(MemoryGate::Lease()) : std::nullopt; },
      {{"take", 1, [&](MemoryGate::Lease& lease) { lease = gate.borrow(1); }},
       {"hold", 1, [](MemoryGate::Lease&) { std::this_thread::sleep_for(std::chrono::duration<double>(slow)); }}},
      1, &log);
  ASSERT_TRUE(flow.wait_for(10s));
  const Trace::Lane& take = log.lanes().front();
  const auto wait = std::max_element(take.intervals.begin(), take.intervals.end(), [](const auto& a, const auto& b) {
    const auto length = [](const auto& i) { return i.phase == Phase::wait_for_memory ? i.end - i.begin : 0; };
    return length(a) < length(b);
  });
  ASSERT_NE(wait, take.intervals.end());
  ASSERT_EQ(wait->phase, Phase::wait_for_memory);
  const auto work = std::next(wait);
  ASSERT_NE(work, take.intervals.end());
  EXPECT_EQ(work->phase, Phase::stage);
  EXPECT_LE(work->begin, wait->begin);
  EXPECT_GE(work->end, wait->end);
  EXPECT_GT(wait->end - wait->begin, slow / 2);
  EXPECT_EQ(take.name, "take");
}

TEST(Trace, LaneOwner) {
  Trace log(true);
  Trace::Lane& lane = log.add_lane("only");
  std::jthread([&] {
    log.take_lane(lane);
    { const Trace::Scope work(log, Phase::stage); }
  }).join();
  std::jthread([&] { const Trace::Scope work(log, Phase::stage); }).join();
  { const Trace::Scope work(log, Phase::stage); }
  EXPECT_EQ(lane.intervals.size(), 1U);
  EXPECT_EQ(log.lanes().size(), 3U);
}

}  // namespace
}  // namespace haloedge

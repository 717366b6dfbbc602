#include "sets/staged_flow.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "sets/memory_gate.hpp"

namespace haloedge {
namespace {

using namespace std::chrono_literals;

/// Returns a function that gives the numbers below `count`, to any thread.
std::function<std::optional<int>()> numbers(std::atomic<int>& next, int count) {
  return [&next, count]() -> std::optional<int> {
    const int number = next++;
    return number < count ? std::optional(number) : std::nullopt;
  };
}

TEST(StagedFlow, EveryItemOnce) {
  constexpr int count = 3000;
  std::atomic<int> next = 0;
  std::vector<std::atomic<int>> seen(count);
  std::set<int> last;
  StagedFlow<int> flow(numbers(next, count),
                       {{"a", 3, [&](int& i) { ++seen[static_cast<std::size_t>(i)]; }},
                        {"b", 2, [&](int& i) { seen[static_cast<std::size_t>(i)] += 10; }},
                        {"c", 1, [&](int& i) { last.insert(i); }}},
                       4);
  while (!flow.wait_for(20ms)) {
  }
  EXPECT_EQ(last.size(), static_cast<std::size_t>(count));
  EXPECT_TRUE(std::all_of(seen.begin(), seen.end(), [](const std::atomic<int>& times) { return times == 11; }));
}

TEST(StagedFlow, FewItems) {
  std::atomic<int> next = 0;
  StagedFlow<int> nothing(numbers(next, 0), {{"a", 2, [](int&) {}}, {"b", 2, [](int&) {}}}, 1);
  EXPECT_TRUE(nothing.wait_for(10s));
  std::atomic<int> from = 0;
  std::atomic<int> done = 0;
  StagedFlow<int> alone(numbers(from, 7), {{"a", 2, [&](int&) { ++done; }}}, 1);
  EXPECT_TRUE(alone.wait_for(10s));
  EXPECT_EQ(done, 7);
  EXPECT_TRUE(alone.queued().empty());
}

TEST(StagedFlow, Bounded) {
  constexpr int capacity = 3;
  constexpr std::array<int, 3> threads{2, 2, 1};
  std::atomic<int> next = 0;
  std::atomic<bool> go = false;
  std::atomic<int> ended = 0;
  const auto wait = [&](int&) {
    while (!go) std::this_thread::sleep_for(1ms);
  };
  StagedFlow<int> flow(numbers(next, 100),
                       {{"a", threads[0], [](int&) {}},
                        {"b", threads[1], [](int&) {}},
                        {"c", threads[2],
                         [&](int& i) {
                           wait(i);
                           ++ended;
                         }}},
                       capacity);
  EXPECT_FALSE(flow.wait_for(200ms));
  // There is at most a full queue before each later stage, and one item in each thread.
  constexpr int in_hands = threads[0] + threads[1] + threads[2];
  for (const std::int64_t waiting : flow.queued()) EXPECT_LE(waiting, capacity);
  EXPECT_LE(next, 2 * capacity + in_hands);
  go = true;
  while (!flow.wait_for(1ms)) {
    for (const std::int64_t waiting : flow.queued()) EXPECT_LE(waiting, capacity);
  }
  EXPECT_EQ(ended, 100);
}

TEST(StagedFlow, StageThrows) {
  for (const int failing : {0, 1, 2}) {
    std::atomic<int> next = 0;
    const auto work = [&](int stage) {
      return [=](int& i) {
        if (stage == failing && i == 500) throw std::runtime_error("stage " + std::to_string(stage));
      };
    };
    StagedFlow<int> flow(numbers(next, 1 << 30), {{"a", 2, work(0)}, {"b", 2, work(1)}, {"c", 1, work(2)}}, 2);
    const auto end = std::chrono::steady_clock::now() + 20s;
    std::string what;
    while (what.empty() && std::chrono::steady_clock::now() < end) {
      try {
        EXPECT_FALSE(flow.wait_for(50ms)) << "ended without its error";
      } catch (const std::runtime_error& error) {
        what = error.what();
      }
    }
    EXPECT_EQ(what, "stage " + std::to_string(failing));
    EXPECT_LT(next, 1 << 20) << "it went on for long";
    EXPECT_THROW((void)flow.wait_for(0ms), std::runtime_error) << "and says so again";
  }
}

TEST(StagedFlow, SourceThrows) {
  StagedFlow<int> flow([]() -> std::optional<int> { throw std::logic_error("no list"); },
                       {{"a", 2, [](int&) {}}, {"b", 1, [](int&) {}}}, 2);
  EXPECT_THROW((void)flow.wait_for(10s), std::logic_error);
}

/// An item that holds memory, as images do.
struct Holder {
  int number = 0;
  MemoryGate::Lease memory{};
};

TEST(StagedFlow, FailureEndsWaits) {
  for (int round = 0; round < 50; ++round) {
    MemoryGate gate(6);
    std::atomic<int> next = 0;
    std::atomic<int> written = 0;
    StagedFlow<std::unique_ptr<Holder>> flow(
        [&]() -> std::optional<std::unique_ptr<Holder>> { return std::make_unique<Holder>(Holder{next++}); },
        {{"read", 4, [&](auto& item) { item->memory = gate.borrow(item->number % 5 == 4 ? 6 : 1); }},
         {"work", 2, [](auto&) {}},
         {"write", 1,
          [&](auto&) {
            if (++written > 8) throw std::runtime_error("disk full");
            std::this_thread::sleep_for(1ms);
          }}},
        2);
    EXPECT_THROW(
        {
          while (!flow.wait_for(50ms)) {
          }
        },
        std::runtime_error);
  }
}

TEST(StagedFlow, GivenUp) {
  for (int round = 0; round < 50; ++round) {
    MemoryGate gate(4);
    std::atomic<int> next = 0;
    std::atomic<bool> abandoned = false;
    std::optional<StagedFlow<std::unique_ptr<Holder>>> flow;
    flow.emplace([&]() -> std::optional<std::unique_ptr<Holder>> { return std::make_unique<Holder>(Holder{next++}); },
                 std::vector<StagedFlow<std::unique_ptr<Holder>>::Stage>{
                     {"read", 3, [&](auto& item) { item->memory = gate.borrow(1 + item->number % 4); }},
                     {"write", 1,
                      [&](auto&) {
                        while (!abandoned) std::this_thread::sleep_for(100us);
                      }}},
                 1);
    (void)flow->wait_for(1ms);
    abandoned = true;
    flow.reset();  // joins the threads: if they hang, the test's timeout ends it
    EXPECT_EQ(gate.borrow(4).bytes(), 4) << "memory did not come back";
  }
}

TEST(MemoryGate, Limit) {
  constexpr std::int64_t limit = 100;
  MemoryGate gate(limit);
  std::atomic<std::int64_t> lent = 0;
  std::atomic<std::int64_t> most = 0;
  {
    std::vector<std::jthread> team;
    for (int t = 0; t < 6; ++t) {
      team.emplace_back([&, t] {
        for (int i = 0; i < 500; ++i) {
          auto lease = gate.borrow((i * 7 + t * 31) % 130);
          const std::int64_t now = lent += lease.bytes();
          for (std::int64_t old = most; now > old && !most.compare_exchange_weak(old, now);) {
          }
          const std::int64_t half = lease.bytes() / 2;
          lent -= lease.bytes() - half;
          lease.shrink_to(half);
          EXPECT_EQ(lease.bytes(), half);
          lent -= half;
        }
      });
    }
  }
  EXPECT_LE(most, limit);
  EXPECT_GT(most, 0);
  EXPECT_EQ(gate.borrow(limit).bytes(), limit) << "all came back";
}

TEST(MemoryGate, BeyondLimit) {
  MemoryGate gate(10);
  EXPECT_EQ(gate.borrow(1'000'000).bytes(), 10);
  EXPECT_EQ(gate.borrow(0).bytes(), 0);
  EXPECT_EQ(gate.borrow(-5).bytes(), 0);
}

TEST(MemoryGate, LargeWishes) {
  MemoryGate gate(10);
  std::optional<MemoryGate::Lease> first = gate.borrow(4);
  std::mutex guard;
  std::vector<int> order;
  const auto ask = [&](std::int64_t bytes, int name) {
    return std::jthread([&, bytes, name] {
      const auto lease = gate.borrow(bytes);
      const std::lock_guard lock(guard);
      order.push_back(name);
    });
  };
  std::vector<std::jthread> team;
  team.push_back(ask(10, 1));
  std::this_thread::sleep_for(30ms);
  team.push_back(ask(1, 2));  // there is enough memory for it already
  std::this_thread::sleep_for(30ms);
  team.push_back(ask(10, 3));
  std::this_thread::sleep_for(30ms);
  {
    const std::lock_guard lock(guard);
    EXPECT_TRUE(order.empty());
  }
  first.reset();
  team.clear();
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST(MemoryGate, Leases) {
  MemoryGate gate(10);
  MemoryGate::Lease a = gate.borrow(8);
  a.shrink_to(9);
  EXPECT_EQ(a.bytes(), 8) << "it does not grow";
  a.shrink_to(3);
  MemoryGate::Lease b = gate.borrow(7);
  b = std::move(a);  // NOLINT(bugprone-use-after-move): b's old memory goes back with a
  a = {};
  EXPECT_EQ(b.bytes(), 3);
  EXPECT_EQ(gate.borrow(7).bytes(), 7);
  const MemoryGate::Lease c(std::move(b));
  EXPECT_EQ(b.bytes(), 0);  // NOLINT(bugprone-use-after-move,clang-analyzer-cplusplus.Move): it lends nothing now
  EXPECT_EQ(c.bytes(), 3);
}

}  // namespace
}  // namespace haloedge

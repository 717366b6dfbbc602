#include <atomic>
#include <chrono>
#include <functional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "stream/slot_queues.hpp"
#include "watchdog.hpp"

namespace haloedge {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t capacity = 3;
using Pair = QueuePair<int>;

void fill(Pair& pair, int from, int count) {
  for (int i = 0; i < count; ++i) {
    int* const slot = pair.take_free();
    ASSERT_NE(slot, nullptr);
    *slot = from + i;
    pair.give_full(slot);
  }
}

/// Takes all slots that are free or full. Returns the number of different slots.
std::size_t slots_in(Pair& pair) {
  std::set<int*> slots;
  while (int* const slot = pair.take_free_or_oldest()) EXPECT_TRUE(slots.insert(slot).second) << "a slot came twice";
  return slots.size();
}

TEST(QueuePair, InOrder) {
  Pair pair{std::vector<int>(capacity)};
  EXPECT_EQ(pair.try_take_full(), nullptr);
  for (int round = 0; round < 10; ++round) {
    fill(pair, 3 * round, 3);
    for (int i = 0; i < 3; ++i) {
      int* const slot = i == 1 ? pair.try_take_full() : pair.take_full();
      ASSERT_NE(slot, nullptr);
      EXPECT_EQ(*slot, 3 * round + i);
      pair.give_free(slot);
    }
    EXPECT_EQ(pair.try_take_full(), nullptr);
  }
  EXPECT_EQ(slots_in(pair), capacity);
}

TEST(QueuePair, TakeNewest) {
  Pair pair{std::vector<int>(capacity)};
  for (int full = 1; full <= 3; ++full) {
    fill(pair, 10 * full, full);
    int* const slot = pair.take_newest();
    ASSERT_NE(slot, nullptr);
    EXPECT_EQ(*slot, 10 * full + full - 1);
    EXPECT_EQ(pair.try_take_full(), nullptr);
    pair.give_free(slot);
  }
  EXPECT_EQ(slots_in(pair), capacity);
}

TEST(QueuePair, DropOldest) {
  Pair pair{std::vector<int>(capacity)};
  for (int i = 0; i < 10; ++i) {
    int* const slot = pair.take_free_or_oldest();
    ASSERT_NE(slot, nullptr);
    *slot = i;
    pair.give_full(slot);
  }
  for (int i = 7; i < 10; ++i) EXPECT_EQ(*pair.take_full(), i);
  EXPECT_EQ(pair.take_free_or_oldest(), nullptr) << "others have all slots";
}

TEST(QueuePair, WaitForSlot) {
  const Watchdog watchdog("a producer that waits");
  Pair pair{std::vector<int>(capacity)};
  std::atomic<int> given = 0;
  std::jthread producer([&] {
    for (int i = 0; i < 5; ++i) {
      pair.give_full(pair.take_free());
      ++given;
    }
  });
  while (given < 3) std::this_thread::sleep_for(1ms);
  std::this_thread::sleep_for(20ms);
  EXPECT_EQ(given, 3);
  pair.give_free(pair.take_full());
  while (given < 4) std::this_thread::sleep_for(1ms);
  std::this_thread::sleep_for(10ms);
  EXPECT_EQ(given, 4);
  int* const newest = pair.take_newest();
  while (given < 5) std::this_thread::sleep_for(1ms);
  pair.give_free(newest);
}

TEST(QueuePair, Close) {
  for (int full = 0; full <= 3; ++full) {
    for (const bool newest : {false, true}) {
      Pair pair{std::vector<int>(capacity)};
      fill(pair, 0, full);
      pair.close();
      for (int i = newest && full > 0 ? full - 1 : 0; i < full; ++i) {
        int* const slot = newest ? pair.take_newest() : pair.take_full();
        ASSERT_NE(slot, nullptr);
        EXPECT_EQ(*slot, i);
        pair.give_free(slot);
      }
      EXPECT_EQ(pair.take_full(), nullptr);
      EXPECT_EQ(pair.take_newest(), nullptr);
      EXPECT_EQ(slots_in(pair), capacity);
    }
  }
}

TEST(QueuePair, Abandon) {
  for (int full = 0; full <= 3; ++full) {
    for (const std::string ends : {"a", "ac", "ca"}) {
      Pair pair{std::vector<int>(capacity)};
      fill(pair, 0, full);
      for (const char how : ends) how == 'a' ? pair.abandon() : pair.close();
      EXPECT_EQ(pair.take_free(), nullptr);
      EXPECT_EQ(pair.take_free_or_oldest(), nullptr);
      EXPECT_EQ(pair.take_full(), nullptr);
      EXPECT_EQ(pair.take_newest(), nullptr);
      EXPECT_EQ(pair.try_take_full(), nullptr);
    }
  }
}

/// Checks that `end` turns away two threads that call `wait`, for different orders of waiting and ending.
void expect_ends(const std::function<void(Pair&)>& before, int* (Pair::*wait)(), void (Pair::*end)()) {
  for (const auto delay : {0us, 20us, 200us, 5000us}) {
    Pair pair{std::vector<int>(capacity)};
    before(pair);
    std::atomic<int> turned_away = 0;
    {
      std::vector<std::jthread> waiting;
      for (int i = 0; i < 2; ++i) {
        waiting.emplace_back([&] { turned_away += (pair.*wait)() == nullptr ? 1 : 0; });
      }
      std::this_thread::sleep_for(delay);
      EXPECT_EQ(turned_away, 0);
      (pair.*end)();
    }
    EXPECT_EQ(turned_away, 2);
  }
}

TEST(QueuePairEnds, WakesWaiters) {
  const Watchdog watchdog("a pair of queues that was ended");
  const auto nothing = [](Pair&) {};
  const auto take_all = [](Pair& pair) {
    while (pair.take_free_or_oldest() != nullptr) {
    }
  };
  for (const auto end : {&Pair::close, &Pair::abandon}) {
    expect_ends(nothing, &Pair::take_full, end);
    expect_ends(nothing, &Pair::take_newest, end);
    expect_ends(take_all, &Pair::take_full, end);
    expect_ends(take_all, &Pair::take_newest, end);
  }
  expect_ends(take_all, &Pair::take_free, &Pair::abandon);
  expect_ends([](Pair& pair) { fill(pair, 0, 3); }, &Pair::take_free, &Pair::abandon);
}

/// A slot that detects whether two threads have it at the same time.
struct OwnedSlot {
  std::atomic<bool> owned = false;
  int number = -1;

  void take() { EXPECT_FALSE(owned.exchange(true)) << "two threads have a slot"; }
  void give() { EXPECT_TRUE(owned.exchange(false)); }
};

using OwnedPair = QueuePair<OwnedSlot>;

/// Threads that fill and empty a pair until it refuses, or until each producer has given `each` slots.
class Crowd {
 public:
  struct Kind {
    int producers, consumers;
    bool oldest, newest;  ///< use take_free_or_oldest() and take_newest() rather than the others
  };

  Crowd(const Kind& kind, int each) : pair_(std::vector<OwnedSlot>(slots)), kind_(kind) {
    for (int i = 0; i < kind.producers; ++i) {
      producers_.emplace_back([this, each] { produce(each); });
    }
    for (int i = 0; i < kind.consumers; ++i) consumers_.emplace_back([this] { consume(); });
  }

  void produce(int each) {
    for (int i = 0; i < each; ++i) {
      OwnedSlot* const slot = kind_.oldest ? pair_.take_free_or_oldest() : pair_.take_free();
      if (slot == nullptr) return;
      slot->take();
      slot->number = next_++;
      slot->give();
      pair_.give_full(slot);
    }
  }

  void consume() {
    int last = -1;
    while (OwnedSlot* const slot = kind_.newest ? pair_.take_newest() : pair_.take_full()) {
      slot->take();
      if (kind_.producers == 1) {
        EXPECT_GT(slot->number, last);
      }
      last = slot->number;
      sum_ += slot->number;
      ++taken_;
      slot->give();
      pair_.give_free(slot);
    }
  }

  void join_producers() { producers_.clear(); }
  void join() {
    producers_.clear();
    consumers_.clear();
  }

  OwnedPair& pair() { return pair_; }
  [[nodiscard]] std::int64_t taken() const { return taken_; }
  [[nodiscard]] std::int64_t sum() const { return sum_; }
  [[nodiscard]] std::size_t slots_left() {
    std::set<OwnedSlot*> left;
    while (OwnedSlot* const slot = pair_.take_free_or_oldest()) EXPECT_TRUE(left.insert(slot).second);
    return left.size();
  }

  static constexpr std::size_t slots = 6;

 private:
  OwnedPair pair_;
  Kind kind_;
  std::atomic<int> next_ = 0;
  std::atomic<std::int64_t> taken_ = 0;
  std::atomic<std::int64_t> sum_ = 0;
  std::vector<std::jthread> producers_;
  std::vector<std::jthread> consumers_;
};

TEST(QueuePair, Threads) {
  const Watchdog watchdog("threads around a pair of queues");
  constexpr int each = 2000;
  for (const auto& [producers, consumers] : {std::pair(1, 1), {1, 2}, {2, 1}, {2, 2}}) {
    for (const bool newest : {false, true}) {
      Crowd crowd({producers, consumers, false, newest}, each);
      crowd.join_producers();
      crowd.pair().close();
      crowd.join();
      const std::int64_t total = std::int64_t{each} * producers;
      if (newest) {
        EXPECT_GT(crowd.taken(), 0);
        EXPECT_LE(crowd.taken(), total);
      } else {
        EXPECT_EQ(crowd.taken(), total);
        EXPECT_EQ(crowd.sum(), total * (total - 1) / 2);
      }
      EXPECT_EQ(crowd.slots_left(), Crowd::slots);
    }
  }
}

TEST(QueuePair, ThreadsWithDrops) {
  const Watchdog watchdog("a producer that does not wait");
  for (const bool newest : {false, true}) {
    Crowd crowd({1, 2, true, newest}, 20000);
    crowd.join_producers();
    crowd.pair().close();
    crowd.join();
    EXPECT_GT(crowd.taken(), 0);
    EXPECT_EQ(crowd.slots_left(), Crowd::slots);
  }
}

TEST(QueuePairEnds, ThirdThread) {
  const Watchdog watchdog("a pair of queues that was abandoned while it was used");
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    const bool newest = round % 2 == 1;
    const bool oldest = round % 4 >= 2;
    Crowd crowd({oldest ? 1 : 2, 2, oldest, newest}, 1'000'000);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 500));
    std::jthread closer;
    if (round % 3 == 0) closer = std::jthread([&] { crowd.pair().close(); });
    crowd.pair().abandon();
    crowd.join();
  }
}

TEST(QueuePairEnds, OwnThreads) {
  const Watchdog watchdog("a pair of queues whose sides end it");
  constexpr int most = 8;
  for (int gives = 0; gives <= most; ++gives) {
    for (int takes = 0; takes <= most; ++takes) {
      for (const bool closes : {true, false}) {
        SCOPED_TRACE(std::to_string(gives) + " given, " + std::to_string(takes) + " taken");
        Pair pair{std::vector<int>(capacity)};
        std::jthread producer([&] {
          for (int i = 0; i < gives; ++i) {
            int* const slot = pair.take_free();
            if (slot == nullptr) return;
            *slot = i;
            pair.give_full(slot);
          }
          closes ? pair.close() : pair.abandon();
        });
        int got = 0;
        for (; got < takes; ++got) {
          int* const slot = pair.take_full();
          if (slot == nullptr) break;
          EXPECT_EQ(*slot, got);
          pair.give_free(slot);
        }
        pair.abandon();
        if (closes) {
          EXPECT_EQ(got, std::min(gives, takes));
        }
      }
    }
  }
}

}  // namespace
}  // namespace haloedge

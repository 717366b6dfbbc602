#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "stream/slot_queues.hpp"
#include "watchdog.hpp"

namespace haloedge {
namespace {

using namespace std::chrono_literals;

constexpr int capacity = 3;

struct Piece {
  int number = -1;
  int worked = 0;  ///< number of times that it was worked on
};

using Ring = OrderedRing<Piece>;

void fill(Ring& ring, int from, int count) {
  for (int i = 0; i < count; ++i) {
    Piece* const piece = ring.begin_fill();
    ASSERT_NE(piece, nullptr);
    *piece = {.number = from + i};
    ring.end_fill();
  }
}

TEST(OrderedRing, WaitsForTurn) {
  const Watchdog watchdog("work out of order");
  Ring ring{std::vector<Piece>(capacity)};
  fill(ring, 0, 3);
  std::vector<Piece*> pieces;
  for (int i = 0; i < 3; ++i) {
    pieces.push_back(ring.begin_work());
    EXPECT_EQ(pieces.back()->number, i);
  }
  std::atomic<int> taken = 0;
  std::jthread taker([&] {
    for (int i = 0; i < 3; ++i) {
      const Piece* const piece = ring.begin_take();
      ASSERT_NE(piece, nullptr);
      EXPECT_EQ(piece->number, i);
      ring.end_take();
      ++taken;
    }
  });
  ring.end_work(pieces[2]);
  ring.end_work(pieces[1]);
  std::this_thread::sleep_for(20ms);
  EXPECT_EQ(taken, 0);
  ring.end_work(pieces[0]);
  taker.join();
  EXPECT_EQ(taken, 3);
}

TEST(OrderedRing, Room) {
  const Watchdog watchdog("a full ring");
  Ring ring{std::vector<Piece>(capacity)};
  std::atomic<int> filled = 0;
  std::jthread filler([&] {
    for (int i = 0; i < 4; ++i) {
      fill(ring, i, 1);
      ++filled;
    }
  });
  for (int i = 0; i < 3; ++i) ring.end_work(ring.begin_work());
  EXPECT_EQ(ring.begin_take()->number, 0);
  while (filled < 3) std::this_thread::sleep_for(1ms);
  std::this_thread::sleep_for(20ms);
  EXPECT_EQ(filled, 3);
  ring.end_take();
  while (filled < 4) std::this_thread::sleep_for(1ms);
}

TEST(OrderedRing, Close) {
  const Watchdog watchdog("a ring that was closed");
  for (int filled = 0; filled <= capacity; ++filled) {
    for (int begun = 0; begun <= filled; ++begun) {
      Ring ring{std::vector<Piece>(capacity)};
      fill(ring, 0, filled);
      std::vector<Piece*> pieces;
      for (int i = 0; i < begun; ++i) pieces.push_back(ring.begin_work());
      ring.close();
      while (Piece* const piece = ring.begin_work()) pieces.push_back(piece);
      EXPECT_EQ(std::ssize(pieces), filled);
      for (auto piece = pieces.rbegin(); piece != pieces.rend(); ++piece) ring.end_work(*piece);
      for (int i = 0; i < filled; ++i) {
        EXPECT_EQ(ring.begin_take()->number, i);
        ring.end_take();
      }
      EXPECT_EQ(ring.begin_take(), nullptr);
      EXPECT_EQ(ring.begin_work(), nullptr);
    }
  }
}

TEST(OrderedRing, Abandon) {
  for (int filled = 0; filled <= capacity; ++filled) {
    for (const std::string ends : {"a", "ac", "ca"}) {
      Ring ring{std::vector<Piece>(capacity)};
      fill(ring, 0, filled);
      Piece* const begun = filled > 0 ? ring.begin_work() : nullptr;
      for (const char how : ends) how == 'a' ? ring.abandon() : ring.close();
      if (begun != nullptr) ring.end_work(begun);
      EXPECT_EQ(ring.begin_fill(), nullptr);
      EXPECT_EQ(ring.begin_work(), nullptr);
      EXPECT_EQ(ring.begin_take(), nullptr);
    }
  }
}

/// Checks that `end` turns away all waiting threads, for different orders of waiting and ending.
void expect_ends(const std::function<void(Ring&)>& before, Piece* (Ring::*wait)(), void (Ring::*end)(), int threads) {
  for (const auto delay : {0us, 20us, 200us, 5000us}) {
    Ring ring{std::vector<Piece>(capacity)};
    before(ring);
    std::atomic<int> turned_away = 0;
    {
      std::vector<std::jthread> waiting;
      for (int i = 0; i < threads; ++i) {
        waiting.emplace_back([&] { turned_away += (ring.*wait)() == nullptr ? 1 : 0; });
      }
      std::this_thread::sleep_for(delay);
      EXPECT_EQ(turned_away, 0);
      (ring.*end)();
    }
    EXPECT_EQ(turned_away, threads);
  }
}

TEST(OrderedRingEnds, WakesWaiters) {
  const Watchdog watchdog("a ring that was ended");
  const auto nothing = [](Ring&) {};
  const auto all_begun = [](Ring& ring) {
    fill(ring, 0, capacity);
    for (int i = 0; i < capacity; ++i) (void)ring.begin_work();
  };
  for (const auto end : {&Ring::close, &Ring::abandon}) {
    expect_ends(nothing, &Ring::begin_work, end, 3);
    expect_ends(nothing, &Ring::begin_take, end, 1);
    expect_ends(all_begun, &Ring::begin_work, end, 3);
  }
  expect_ends([](Ring& ring) { fill(ring, 0, capacity); }, &Ring::begin_fill, &Ring::abandon, 1);
  expect_ends(all_begun, &Ring::begin_fill, &Ring::abandon, 1);
  expect_ends(all_begun, &Ring::begin_take, &Ring::abandon, 1);
}

TEST(OrderedRingEnds, LastPiece) {
  const Watchdog watchdog("a ring that was closed while its last piece was worked on");
  for (int round = 0; round < 300; ++round) {
    Ring ring{std::vector<Piece>(capacity)};
    fill(ring, 0, 1);
    std::atomic<int> taken = 0;
    std::jthread taker([&] {
      while (ring.begin_take() != nullptr) {
        ring.end_take();
        ++taken;
      }
    });
    std::jthread worker([&] {
      while (const Piece* const piece = ring.begin_work()) ring.end_work(piece);
    });
    if (round % 2 == 0) std::this_thread::sleep_for(50us);
    ring.close();
    worker.join();
    taker.join();
    EXPECT_EQ(taken, 1);
  }
}

/// A filler, workers and a taker, which run until the ring refuses or the filler has filled `pieces`.
class Crowd {
 public:
  Crowd(int workers, int pieces) {
    team_.emplace_back([this, pieces] {
      while (next_ < pieces) {
        Piece* const piece = ring_.begin_fill();
        if (piece == nullptr) return;
        *piece = {.number = next_++};
        ring_.end_fill();
      }
      ring_.close();
    });
    for (int i = 0; i < workers; ++i) team_.emplace_back([this, i] { work(static_cast<unsigned>(i)); });
    team_.emplace_back([this] {
      while (const Piece* const piece = ring_.begin_take()) {
        EXPECT_EQ(piece->number, taken_);
        EXPECT_EQ(piece->worked, 1);
        ++taken_;
        ring_.end_take();
      }
    });
  }

  void join() { team_.clear(); }
  Ring& ring() { return ring_; }
  [[nodiscard]] int taken() const { return taken_; }

 private:
  void work(unsigned seed) {
    std::mt19937 random(seed);
    while (Piece* const piece = ring_.begin_work()) {
      ++piece->worked;
      if (random() % 16 == 0) std::this_thread::sleep_for(std::chrono::microseconds(random() % 100));
      ring_.end_work(piece);
    }
  }

  Ring ring_{std::vector<Piece>(5)};
  int next_ = 0;
  std::atomic<int> taken_ = 0;
  std::vector<std::jthread> team_;
};

TEST(OrderedRing, Threads) {
  const Watchdog watchdog("threads around a ring");
  for (const int workers : {1, 4}) {
    Crowd crowd(workers, 2000);
    crowd.join();
    EXPECT_EQ(crowd.taken(), 2000);
  }
}

TEST(OrderedRingEnds, ThirdThread) {
  const Watchdog watchdog("a ring that was abandoned while it was used");
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    Crowd crowd(1 + round % 3, 1'000'000);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 500));
    std::jthread closer;
    if (round % 3 == 0) closer = std::jthread([&] { crowd.ring().close(); });
    crowd.ring().abandon();
    crowd.join();
  }
}

}  // namespace
}  // namespace haloedge

// Tests that a flow always ends: no thread is left waiting, the first error is reported, and no item is lost or passes
// twice.
#include <algorithm>
#include <array>
#include <atomic>
#include <barrier>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "sets/memory_gate.hpp"
#include "sets/staged_flow.hpp"
#include "watchdog.hpp"

namespace haloedge {
namespace {

using namespace std::chrono_literals;

constexpr int stages = 3;
constexpr int items = 40;
constexpr std::array<int, stages> threads{2, 3, 2};
constexpr std::int64_t memory = 6;  ///< less than a byte for each item under way

/// Records what happened to the items.
struct Book {
  std::mutex guard;
  std::set<int> begun;
  std::multiset<int> finished;  ///< by the last stage
  std::multiset<int> gone;
};

/// An item that holds memory, as images do, and records its end.
class Token {
 public:
  Token(int number, Book& book) : number_(number), book_(book) {
    const std::lock_guard lock(book_.guard);
    book_.begun.insert(number);
  }
  Token(const Token&) = delete;
  Token& operator=(const Token&) = delete;
  ~Token() {
    const std::lock_guard lock(book_.guard);
    book_.gone.insert(number_);
  }
  void finish() {
    const std::lock_guard lock(book_.guard);
    book_.finished.insert(number_);
  }
  [[nodiscard]] int number() const { return number_; }
  MemoryGate::Lease memory{};

 private:
  int number_;
  Book& book_;
};

using Item = std::unique_ptr<Token>;
using Flow = StagedFlow<Item>;

/// A flow of three stages. The first takes memory, and the last finishes items; each stage first calls the test's hook.
class Line {
 public:
  /// `hook` gets the stage and the item's number; stage -1 is the source of the items. Every fifth item takes `fifth`
  /// bytes of memory, the others one byte. `fifth` must be 1 if hooks wait for other items, which may wait for that
  /// memory.
  explicit Line(std::function<void(int, int)> hook, std::int64_t fifth = memory)
      : hook_(std::move(hook)), fifth_(fifth) {
    std::vector<Flow::Stage> line;
    for (int stage = 0; stage < stages; ++stage) {
      line.push_back({std::to_string(stage), threads.at(static_cast<std::size_t>(stage)),
                      [this, stage](Item& item) { work(stage, *item); }});
    }
    flow_.emplace([this] { return next(); }, std::move(line), 2);
  }

  /// Returns the message of the flow's error, "done", or "late".
  std::string outcome() {
    try {
      return flow_->wait_for(30s) ? "done" : "late";
    } catch (const std::exception& error) {
      return error.what();
    }
  }

  /// Ends the flow. Checks that every item that was begun was destroyed once, that no item was finished twice, and that
  /// all memory came back.
  void end() {
    flow_.reset();
    const std::multiset<int> begun(book_.begun.begin(), book_.begun.end());
    EXPECT_EQ(book_.gone, begun);
    EXPECT_TRUE(std::includes(begun.begin(), begun.end(), book_.finished.begin(), book_.finished.end()));
    EXPECT_EQ(gate_.borrow(gate_.limit()).bytes(), gate_.limit()) << "memory did not come back";
  }

  [[nodiscard]] const std::multiset<int>& finished() const { return book_.finished; }

 private:
  std::optional<Item> next() {
    const int number = next_++;
    if (number >= items) return std::nullopt;
    hook_(-1, number);
    return std::make_unique<Token>(number, book_);
  }

  void work(int stage, Token& token) {
    hook_(stage, token.number());
    if (stage == 0) token.memory = gate_.borrow(token.number() % 5 == 4 ? fifth_ : 1);
    if (stage + 1 == stages) token.finish();
  }

  std::function<void(int, int)> hook_;
  std::int64_t fifth_;
  std::atomic<int> next_ = 0;
  Book book_;
  MemoryGate gate_{memory};
  std::optional<Flow> flow_;
};

[[noreturn]] void fail(int stage, int number) {
  throw std::runtime_error(std::to_string(stage) + " at " + std::to_string(number));
}

TEST(FlowFailure, EachStage) {
  const Watchdog watchdog("a stage throws");
  for (int failing = -1; failing < stages; ++failing) {
    for (int at = 0; at < items; ++at) {
      Line line([=](int stage, int number) {
        if (stage == failing && number == at) fail(stage, number);
      });
      EXPECT_EQ(line.outcome(), std::to_string(failing) + " at " + std::to_string(at));
      line.end();
      EXPECT_EQ(line.finished().count(at), 0U);
    }
  }
}

TEST(FlowFailure, LastItem) {
  const Watchdog watchdog("the last stage throws at the last item");
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> finished = 0;
    Line line(
        [&](int stage, int number) {
          if (stage + 1 < stages) return;
          if (number < items - 1) {
            ++finished;
            return;
          }
          while (finished < items - 1) std::this_thread::yield();
          fail(stage, number);
        },
        1);
    EXPECT_EQ(line.outcome(), "2 at 39");
    line.end();
    EXPECT_EQ(line.finished().size(), std::size_t{items - 1});
  }
}

TEST(FlowFailure, FirstError) {
  const Watchdog watchdog("two stages throw");
  for (int first = -1; first < stages; ++first) {
    for (int second = -1; second < stages; ++second) {
      if (first == second) continue;
      // The second stage holds item 1 meanwhile, and throws later.
      const int item_of_first = first > second ? 0 : 2;
      std::atomic<bool> second_waits = false;
      std::atomic<bool> first_threw = false;
      Line line(
          [&](int stage, int number) {
            if (stage == second && number == 1) {
              second_waits = true;
              while (!first_threw) std::this_thread::yield();
              std::this_thread::sleep_for(5ms);
              fail(stage, number);
            }
            if (stage == first && number == item_of_first) {
              while (!second_waits) std::this_thread::yield();
              first_threw = true;
              fail(stage, number);
            }
          },
          1);
      EXPECT_EQ(line.outcome(), std::to_string(first) + " at " + std::to_string(item_of_first));
      line.end();
    }
  }
}

TEST(FlowFailure, AllStages) {
  const Watchdog watchdog("all throw at once");
  for (int round = 0; round < 100; ++round) {
    std::barrier together(stages + 1);
    std::array<std::atomic<bool>, stages + 1> met{};
    Line line(
        [&](int stage, int number) {
          // Each stage waits with another item, so that all four are under way together.
          if (number < stages - stage || met.at(static_cast<std::size_t>(stage + 1)).exchange(true)) return;
          together.arrive_and_wait();
          fail(stage, number);
        },
        1);
    EXPECT_NE(line.outcome().find(" at "), std::string::npos);
    line.end();
  }
}

TEST(FlowFailure, EveryItemFails) {
  const Watchdog watchdog("all items throw");
  for (int failing = -1; failing < stages; ++failing) {
    for (int round = 0; round < 20; ++round) {
      Line line([=](int stage, int number) {
        if (stage == failing) fail(stage, number);
      });
      EXPECT_NE(line.outcome().find(" at "), std::string::npos);
      line.end();
      EXPECT_TRUE(line.finished().empty());
    }
  }
}

TEST(FlowFailure, GivenUp) {
  const Watchdog watchdog("given up while it runs");
  for (int round = 0; round < 200; ++round) {
    std::atomic<int> worked = 0;
    Line line([&](int, int) {
      ++worked;
      std::this_thread::sleep_for(20us);
    });
    while (worked < round % (items * 2)) std::this_thread::yield();
    line.end();
  }
}

TEST(FlowFailure, GivenUpAfterFailure) {
  const Watchdog watchdog("given up after a failure");
  for (int failing = -1; failing < stages; ++failing) {
    for (int round = 0; round < 20; ++round) {
      std::atomic<bool> threw = false;
      Line line([&, failing](int stage, int number) {
        if (stage != failing || number != 7) return;
        threw = true;
        fail(stage, number);
      });
      while (!threw) std::this_thread::yield();
      line.end();
    }
  }
}

TEST(FlowFailure, NoFailure) {
  const Watchdog watchdog("nothing fails");
  for (int round = 0; round < 50; ++round) {
    Line line([](int, int) {});
    EXPECT_EQ(line.outcome(), "done");
    line.end();
    EXPECT_EQ(line.finished().size(), std::size_t{items});
  }
}

}  // namespace
}  // namespace haloedge

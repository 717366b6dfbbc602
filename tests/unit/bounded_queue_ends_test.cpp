// Tests close(), abandon() and fail() in every order and from every side, for all contents of the queue and all waiting
// threads.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "core/bounded_queue.hpp"
#include "watchdog.hpp"

namespace haloedge {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t capacity = 3;

/// Ends a queue in the way that the letter says: c for close(), a for abandon(), f for fail().
template <class Queue>
void end_by(Queue& queue, char how) {
  if (how == 'c') queue.close();
  if (how == 'a') queue.abandon();
  if (how == 'f') queue.fail(std::make_exception_ptr(std::runtime_error("failed")));
}

/// A queue with threads that push and threads that pop, each until the queue refuses.
class Crowd {
 public:
  Crowd(int producers, int consumers) {
    for (int i = 0; i < producers; ++i) {
      team_.emplace_back([this] {
        while (queue_.push(item_)) ++pushed_;
      });
    }
    for (int i = 0; i < consumers; ++i) {
      team_.emplace_back([this] {
        try {
          while (queue_.pop()) ++popped_;
        } catch (const std::runtime_error&) {
        }
      });
    }
  }

  /// Joins the threads, and checks what is left. `ends` contains the letters by which end_by() has ended the queue, in
  /// any order.
  void check(const std::string& ends) {
    team_.clear();
    const bool has_failed = ends.find('f') != std::string::npos;
    const auto left = static_cast<std::int64_t>(queue_.size());
    EXPECT_EQ(item_.use_count(), 1 + left) << "items that are nowhere";
    if (ends.find('a') == std::string::npos) {
      EXPECT_EQ(popped_ + left, pushed_);
    } else {
      EXPECT_EQ(left, 0);
    }
    EXPECT_FALSE(queue_.push(item_));
    if (has_failed) {
      EXPECT_THROW((void)queue_.pop(), std::runtime_error);
      return;
    }
    for (std::int64_t i = 0; i < left; ++i) EXPECT_TRUE(queue_.pop());
    EXPECT_FALSE(queue_.pop());
  }

  BoundedQueue<std::shared_ptr<int>>& queue() { return queue_; }

 private:
  BoundedQueue<std::shared_ptr<int>> queue_{capacity};
  std::shared_ptr<int> item_ = std::make_shared<int>(0);
  std::atomic<std::int64_t> pushed_ = 0;
  std::atomic<std::int64_t> popped_ = 0;
  std::vector<std::jthread> team_;
};

TEST(BoundedQueueEnds, EveryOrder) {
  const Watchdog watchdog("a queue that was ended");
  std::string order = "acf";
  do {
    for (std::size_t length = 1; length <= order.size(); ++length) {
      const std::string ends = order.substr(0, length);
      for (const auto& [producers, consumers] : {std::pair(0, 0), {0, 2}, {2, 0}, {2, 2}, {3, 1}}) {
        SCOPED_TRACE(ends + ", " + std::to_string(producers) + " producers");
        Crowd crowd(producers, consumers);
        std::this_thread::sleep_for(2ms);
        for (const char how : ends) end_by(crowd.queue(), how);
        crowd.check(ends);
      }
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(BoundedQueueEnds, SeveralThreads) {
  const Watchdog watchdog("a queue that was ended by three threads");
  const std::string ends = "acf";
  for (int round = 0; round < 200; ++round) {
    Crowd crowd(2, 2);
    {
      std::vector<std::jthread> enders;
      for (const char how : ends) enders.emplace_back([&, how] { end_by(crowd.queue(), how); });
    }
    crowd.check(ends);
  }
}

TEST(BoundedQueueEnds, AfterAnyItem) {
  const Watchdog watchdog("a queue whose sides end it");
  constexpr int most = 8;
  for (int pushes = 0; pushes <= most; ++pushes) {
    for (int pops = 0; pops <= most; ++pops) {
      for (const char how : {'c', 'f'}) {
        SCOPED_TRACE(std::to_string(pushes) + " pushes, " + std::to_string(pops) + " pops, " + how);
        BoundedQueue<int> queue(capacity);
        std::jthread producer([&] {
          for (int i = 0; i < pushes && queue.push(i); ++i) {
          }
          end_by(queue, how);
        });
        int got = 0;
        bool failed = false;
        try {
          for (; got < pops; ++got) {
            const std::optional<int> item = queue.pop();
            if (!item) break;
            EXPECT_EQ(*item, got);
          }
        } catch (const std::runtime_error&) {
          failed = true;
        }
        queue.abandon();
        if (how == 'f' && pops > pushes) {
          EXPECT_TRUE(failed);
        }
        if (how == 'c') {
          EXPECT_FALSE(failed);
        }
        if (!failed) {
          EXPECT_EQ(got, std::min(pushes, pops));
        }
      }
    }
  }
}

}  // namespace
}  // namespace haloedge

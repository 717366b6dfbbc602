#include "core/bounded_queue.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace haloedge {
namespace {

using namespace std::chrono_literals;

TEST(BoundedQueue, EverythingOnce) {
  constexpr int producers = 3;
  constexpr int each = 2000;
  BoundedQueue<int> queue(4);
  std::atomic<std::int64_t> sum = 0;
  std::atomic<int> count = 0;
  std::vector<std::jthread> consumers;
  for (int i = 0; i < 2; ++i) {
    consumers.emplace_back([&] {
      while (const auto item = queue.pop()) {
        sum += *item;
        ++count;
      }
    });
  }
  {
    std::vector<std::jthread> team;
    for (int p = 0; p < producers; ++p) {
      team.emplace_back([&, p] {
        for (int i = 0; i < each; ++i) EXPECT_TRUE(queue.push(p * each + i));
      });
    }
  }
  queue.close();
  consumers.clear();
  constexpr std::int64_t total = producers * each;
  EXPECT_EQ(count, total);
  EXPECT_EQ(sum, total * (total - 1) / 2);
}

TEST(BoundedQueue, FullQueue) {
  BoundedQueue<int> queue(2);
  std::atomic<int> pushed = 0;
  std::jthread producer([&] {
    for (int i = 0; i < 5; ++i) {
      (void)queue.push(i);
      ++pushed;
    }
  });
  std::this_thread::sleep_for(50ms);
  EXPECT_EQ(pushed, 2);
  EXPECT_EQ(queue.pop(), 0);
  while (pushed < 3) std::this_thread::sleep_for(1ms);
  for (int i = 1; i < 5; ++i) EXPECT_EQ(queue.pop(), i);
}

TEST(BoundedQueue, TakeAll) {
  BoundedQueue<int> queue(3);
  ASSERT_TRUE(queue.push(1));
  std::jthread late([&] {
    std::this_thread::sleep_for(20ms);
    (void)queue.push(2);
  });
  EXPECT_EQ(queue.pop_all(500ms), (std::vector<int>{1, 2}));
  std::jthread producer([&] {
    for (int i = 3; i < 10; ++i) (void)queue.push(i);
    queue.close();
  });
  const auto begin = std::chrono::steady_clock::now();
  std::vector<int> all;
  for (auto some = queue.pop_all(1h); !some.empty(); some = queue.pop_all(1h)) {
    EXPECT_LE(some.size(), 3U);
    all.insert(all.end(), some.begin(), some.end());
  }
  EXPECT_EQ(all, (std::vector<int>{3, 4, 5, 6, 7, 8, 9}));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 1min) << "a full or closed queue waits for nothing";
}

TEST(BoundedQueue, Close) {
  BoundedQueue<int> full(1);
  BoundedQueue<int> empty(1);
  ASSERT_TRUE(full.push(1));
  std::jthread producer([&] { EXPECT_FALSE(full.push(2)); });
  std::jthread consumer([&] { EXPECT_EQ(empty.pop(), std::nullopt); });
  std::this_thread::sleep_for(20ms);
  full.close();
  empty.close();
  producer.join();
  EXPECT_EQ(full.pop(), 1);  // the queue's content is still there
  EXPECT_EQ(full.pop(), std::nullopt);
}

TEST(BoundedQueue, FirstError) {
  BoundedQueue<int> queue(2);
  ASSERT_TRUE(queue.push(1));
  queue.fail(std::make_exception_ptr(std::runtime_error("first")));
  queue.fail(std::make_exception_ptr(std::logic_error("second")));
  EXPECT_FALSE(queue.push(2));
  EXPECT_THROW((void)queue.pop(), std::runtime_error);
  EXPECT_THROW((void)queue.pop(), std::runtime_error);
}

TEST(BoundedQueue, Abandon) {
  const auto counted = std::make_shared<int>(0);
  BoundedQueue<std::shared_ptr<int>> full(2);
  BoundedQueue<int> empty(1);
  ASSERT_TRUE(full.push(counted));
  ASSERT_TRUE(full.push(counted));
  std::jthread producer([&] { EXPECT_FALSE(full.push(counted)); });
  std::jthread consumer([&] { EXPECT_EQ(empty.pop(), std::nullopt); });
  std::this_thread::sleep_for(20ms);
  full.abandon();
  empty.abandon();
  producer.join();
  consumer.join();
  EXPECT_EQ(counted.use_count(), 1) << "an abandoned queue still holds items";
  EXPECT_EQ(full.size(), 0U);
  EXPECT_EQ(full.pop(), std::nullopt);
  EXPECT_FALSE(full.push(counted));
}

}  // namespace
}  // namespace haloedge

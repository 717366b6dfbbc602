// Tests items of many ranks on their way to rank 0: all arrive, no rank runs ahead, and a failure on any side ends all
// ranks.
#include "comm/funnel.hpp"

#include <atomic>
#include <chrono>
#include <cstring>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "thread_ranks.hpp"

namespace haloedge {
namespace {

using namespace std::chrono_literals;

constexpr Funnel::Settings small{
    .items = Channel::tile, .taken = Channel::tile_taken, .message_bytes = 100, .max_under_way = 500};

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }
std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Runs `work` on all ranks. Returns the messages of the exceptions that end it, "" for none.
std::vector<std::string> run_ranks(ThreadRanks& ranks, int size, const std::function<void(Communicator&)>& work) {
  std::vector<std::string> ends(static_cast<std::size_t>(size));
  std::vector<std::jthread> threads;
  for (int rank = 0; rank < size; ++rank) {
    threads.emplace_back([&, rank] {
      try {
        work(ranks.at(rank));
      } catch (const std::exception& error) {
        ends[static_cast<std::size_t>(rank)] = error.what();
        ranks.at(rank).announce_failure();
      }
    });
  }
  threads.clear();
  return ends;
}

class FunnelRanks : public testing::TestWithParam<int> {};

TEST_P(FunnelRanks, InOrder) {
  const int size = GetParam();
  ThreadRanks ranks(size);
  constexpr int each = 300;
  std::vector<int> next(static_cast<std::size_t>(size), 0);
  const auto ends = run_ranks(ranks, size, [&](Communicator& communicator) {
    Funnel funnel(communicator, small, [&](std::span<const std::byte> item) {
      const std::string text = text_of(item);
      const std::size_t rank = std::stoul(text);
      EXPECT_EQ(text, std::to_string(rank) + " " + std::to_string(next.at(rank)) +
                          std::string(static_cast<std::size_t>(next[rank] % 150), '.'));
      ++next[rank];
    });
    for (int i = 0; communicator.rank() != 0 && i < each; ++i) {
      funnel.add(bytes_of(std::to_string(communicator.rank()) + " " + std::to_string(i)),
                 bytes_of(std::string(static_cast<std::size_t>(i % 150), '.')));
      if (i % 7 == 0) funnel.flush();
    }
    funnel.finish();
  });
  EXPECT_EQ(ends, std::vector<std::string>(static_cast<std::size_t>(size)));
  for (int rank = 1; rank < size; ++rank) EXPECT_EQ(next[static_cast<std::size_t>(rank)], each);
}

TEST_P(FunnelRanks, Threads) {
  const int size = GetParam();
  ThreadRanks ranks(size);
  constexpr int adders = 3;
  constexpr int each = 200;
  std::int64_t sum = 0;
  (void)run_ranks(ranks, size, [&](Communicator& communicator) {
    Funnel funnel(communicator, small, [&](std::span<const std::byte> item) { sum += std::stoi(text_of(item)); });
    if (communicator.rank() != 0) {
      std::vector<std::jthread> threads;
      for (int i = 0; i < adders; ++i) {
        threads.emplace_back([&funnel] {
          for (int k = 1; k <= each; ++k) funnel.add(bytes_of(std::to_string(k)));
        });
      }
    }
    funnel.finish();
  });
  EXPECT_EQ(sum, std::int64_t{size - 1} * adders * each * (each + 1) / 2);
}

INSTANTIATE_TEST_SUITE_P(Sizes, FunnelRanks, testing::Values(1, 2, 3, 5));

TEST(Funnel, FewItems) {
  ThreadRanks ranks(2);
  std::atomic<int> come = 0;
  const auto ends = run_ranks(ranks, 2, [&](Communicator& communicator) {
    Funnel::Settings settings = small;
    settings.longest_wait = 20ms;
    Funnel funnel(communicator, settings, [&](std::span<const std::byte>) { ++come; });
    if (communicator.rank() != 0) {
      funnel.add(bytes_of("one"));
      const auto end = std::chrono::steady_clock::now() + 20s;
      while (come == 0 && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(1ms);
      EXPECT_EQ(come, 1);
    }
    funnel.finish();
  });
  EXPECT_EQ(ends, std::vector<std::string>(2));
}

TEST(Funnel, SlowReceiver) {
  ThreadRanks ranks(3);
  std::atomic<bool> held = true;
  std::atomic<int> added = 0;
  std::atomic<int> come = 0;
  std::jthread release([&] {
    std::this_thread::sleep_for(300ms);
    // Each of the two ranks may have this many bytes under way, and a message that it is still filling.
    EXPECT_LE(added * 18, 2 * (small.max_under_way + 2 * (small.message_bytes + 18)));
    EXPECT_GT(added, 0);
    held = false;
  });
  (void)run_ranks(ranks, 3, [&](Communicator& communicator) {
    Funnel funnel(communicator, small, [&](std::span<const std::byte>) {
      while (held) std::this_thread::sleep_for(1ms);
      ++come;
    });
    for (int i = 0; communicator.rank() != 0 && i < 1000; ++i, ++added) funnel.add(bytes_of("ten bytes."));
    funnel.finish();
  });
  EXPECT_EQ(come, 2000);
}

TEST(Funnel, ReceiverFails) {
  ThreadRanks ranks(3);
  const auto ends = run_ranks(ranks, 3, [&](Communicator& communicator) {
    Funnel funnel(communicator, small, [&](std::span<const std::byte>) { throw Error("the disk is full"); });
    for (int i = 0; communicator.rank() != 0 && i < 100'000; ++i) funnel.add(bytes_of("ten bytes."));
    funnel.finish();
  });
  EXPECT_EQ(ends[0], "the disk is full");
  EXPECT_EQ(ends[1], PeerFailure().what());
  EXPECT_EQ(ends[2], PeerFailure().what());
}

TEST(Funnel, SenderFails) {
  ThreadRanks ranks(3);
  const auto ends = run_ranks(ranks, 3, [&](Communicator& communicator) {
    Funnel::Settings settings = small;
    settings.longest_wait = 1ms;
    Funnel funnel(communicator, settings, [](std::span<const std::byte>) {});
    for (int i = 0; communicator.rank() != 0 && i < 1000; ++i) {
      if (communicator.rank() == 2 && i == 500) throw Error("a broken tile");
      funnel.add(bytes_of("ten bytes."));
    }
    funnel.finish();
  });
  EXPECT_EQ(ends[0], PeerFailure().what());
  EXPECT_EQ(ends[2], "a broken tile");
}

}  // namespace
}  // namespace haloedge

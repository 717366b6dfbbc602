// Tests rows of all ranks on their way to the one writer: all arrive, no rank runs ahead, and a writer that fails ends
// all ranks.
#include <atomic>
#include <chrono>
#include <set>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "mpi_main.hpp"
#include "sets/score.hpp"

namespace haloedge {
namespace {

using namespace std::chrono_literals;

ScoredImage make_row(int rank, int number) {
  ScoredImage row{.file = {.path = fmt::format("{}/{}\n\xff", rank, number), .bytes = number, .modified = -number},
                  .seconds = number / 3.0};
  if (number % 5 == 0) {
    row.error = "broken";
  } else {
    row.score = {number / 7.0, {1e-300, 1.0 / 3, 1e300}, number, std::int64_t{1} << 40};
  }
  return row;
}

bool is_same(const ScoredImage& a, const ScoredImage& b) {
  return a.file.path == b.file.path && a.file.bytes == b.file.bytes && a.file.modified == b.file.modified &&
         a.score == b.score && a.seconds == b.seconds && a.error == b.error;
}

TEST(ScoreWriter, EveryRowOnce) {
  Communicator& communicator = test_communicator();
  constexpr int each = 700;
  std::set<std::string> come;
  int wrong = 0;
  int calls = 0;
  ScoreWriter writer(communicator, [&](std::span<const ScoredImage> rows) {
    ++calls;
    for (const ScoredImage& row : rows) {
      const int rank = std::stoi(row.file.path);
      wrong += is_same(row, make_row(rank, static_cast<int>(row.file.bytes))) ? 0 : 1;
      EXPECT_TRUE(come.insert(row.file.path).second) << row.file.path << " came twice";
    }
  });
  for (int i = 0; i < each; ++i) writer.add(make_row(communicator.rank(), i));
  writer.finish();
  if (communicator.rank() == 0) {
    EXPECT_EQ(std::ssize(come), each * communicator.size());
    EXPECT_EQ(wrong, 0);
    EXPECT_LE(calls, 10 * communicator.size()) << "many rows go together";
  }
  communicator.barrier();
}

TEST(ScoreWriter, FewRows) {
  Communicator& communicator = test_communicator();
  std::atomic<int> come = 0;
  ScoreWriter writer(communicator, [&](std::span<const ScoredImage> rows) { come += static_cast<int>(rows.size()); });
  writer.add(make_row(communicator.rank(), 1));
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (communicator.rank() == 0 && come < communicator.size() && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(5ms);
  }
  EXPECT_EQ(come, communicator.rank() == 0 ? communicator.size() : 0);
  writer.finish();
  communicator.barrier();  // this writer must not get rows of the next test
}

TEST(ScoreWriter, SlowWriter) {
  Communicator& communicator = test_communicator();
  std::atomic<bool> held = true;
  ScoreWriter writer(communicator, [&](std::span<const ScoredImage>) {
    while (held) std::this_thread::sleep_for(1ms);
  });
  constexpr int each = 5000;
  std::atomic<int> added = 0;
  std::jthread producer([&] {
    for (int i = 0; i < each; ++i, ++added) writer.add(make_row(communicator.rank(), i));
  });
  std::this_thread::sleep_for(1500ms);
  const std::int64_t most = communicator.max(added);
  EXPECT_GT(most, 0);
  EXPECT_LT(most, each / 2);
  held = false;
  producer.join();
  writer.finish();
  EXPECT_EQ(added, each);
  communicator.barrier();
}

// This is the last test, because a communicator that has failed cannot be used again.
TEST(ScoreWriter, Failure) {
  Communicator& communicator = test_communicator();
  std::optional<Communicator::Failure> failure;
  // The writer fails when it has rows of all ranks: a rank could still be in the barrier of the test before.
  std::set<int> seen;
  const auto fail = [&](std::span<const ScoredImage> rows) {
    for (const ScoredImage& row : rows) seen.insert(std::stoi(row.file.path));
    if (std::ssize(seen) == communicator.size()) throw Error("the disk is full");
  };
  try {
    ScoreWriter writer(communicator, fail);
    for (int i = 0; i < 100'000; ++i) writer.add(make_row(communicator.rank(), i));
    writer.finish();
    ADD_FAILURE() << "rows went nowhere";
  } catch (const RunError& error) {
    failure = {1, error.what()};
    communicator.announce_failure();
  } catch (const PeerFailure&) {
    EXPECT_NE(communicator.rank(), 0);
  }
  const Communicator::Failure agreed = communicator.agree_on_failure(failure);
  EXPECT_EQ(agreed.message, "the disk is full");
}

}  // namespace
}  // namespace haloedge

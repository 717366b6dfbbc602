#include "comm/communicator.hpp"

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

#include "mpi_main.hpp"

namespace haloedge {
namespace {

using namespace std::chrono_literals;

std::vector<std::byte> bytes_of(std::size_t count, int seed) {
  std::vector<std::byte> bytes(count);
  for (std::size_t i = 0; i < count; ++i)
    bytes[i] = static_cast<std::byte>((i * 7 + static_cast<std::size_t>(seed)) & 255U);
  return bytes;
}

TEST(Communicator, Scatter) {
  Communicator& comm = test_communicator();
  std::vector<std::string> values;
  if (comm.rank() == 0) {
    for (int rank = 0; rank < comm.size(); ++rank) {
      values.emplace_back(static_cast<std::size_t>(rank % 2 == 0 ? 3 * rank : 0), static_cast<char>('a' + rank));
    }
  }
  const int rank = comm.rank();
  const std::string mine(static_cast<std::size_t>(rank % 2 == 0 ? 3 * rank : 0), static_cast<char>('a' + rank));
  EXPECT_EQ(comm.scatter(values), mine);
}

TEST(Communicator, Collectives) {
  Communicator& comm = test_communicator();
  const std::int64_t rank = comm.rank();
  const std::int64_t size = comm.size();
  EXPECT_EQ(comm.sum(rank + 1), size * (size + 1) / 2);
  EXPECT_EQ(comm.max(rank * 10), (size - 1) * 10);
  EXPECT_EQ(comm.exclusive_sum(rank + 1), rank * (rank + 1) / 2);
  EXPECT_EQ(comm.sum(std::int64_t{1} << 40), size << 40);
  EXPECT_EQ(comm.broadcast(rank == 0 ? "from zero" : "other"), "from zero");
  EXPECT_EQ(comm.broadcast(rank == 0 ? "" : "other"), "");
  comm.barrier();
}

TEST(Communicator, NoNetworkOnOneNode) {
  if (test_communicator().size() == 1) GTEST_SKIP() << "no launcher, no MPI";
  ASSERT_EQ(test_communicator().node_size(), test_communicator().size());
  ASSERT_NE(std::getenv("OMPI_MCA_pml"), nullptr);
}

TEST(Communicator, Gather) {
  Communicator& comm = test_communicator();
  const std::string mine(static_cast<std::size_t>(comm.rank() * 1000), static_cast<char>('a' + comm.rank()));
  const auto all = comm.gather(mine);
  if (comm.rank() != 0) {
    EXPECT_TRUE(all.empty());
    return;
  }
  ASSERT_EQ(all.size(), static_cast<std::size_t>(comm.size()));
  for (int rank = 0; rank < comm.size(); ++rank) {
    EXPECT_EQ(all[static_cast<std::size_t>(rank)],
              std::string(static_cast<std::size_t>(rank * 1000), static_cast<char>('a' + rank)));
  }
}

TEST(Communicator, Node) {
  Communicator& comm = test_communicator();
  const auto all = comm.share_on_node(std::to_string(comm.rank()));
  ASSERT_EQ(all.size(), static_cast<std::size_t>(comm.node_size()));
  EXPECT_EQ(all[static_cast<std::size_t>(comm.node_rank())], std::to_string(comm.rank()));
}

TEST(Communicator, RingOfTransfers) {
  Communicator& comm = test_communicator();
  if (comm.size() == 1) GTEST_SKIP() << "needs at least 2 ranks";
  const int next = (comm.rank() + 1) % comm.size();
  const int previous = (comm.rank() + comm.size() - 1) % comm.size();
  for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{5000}, std::size_t{3} << 20}) {
    const auto out = bytes_of(count, comm.rank());
    std::vector<std::byte> in(count);
    const auto receive = comm.begin_receive(previous, Channel::test, in);
    const auto send = comm.begin_send(next, Channel::test, out);
    receive->finish();
    send->finish();
    EXPECT_EQ(in, bytes_of(count, previous));
  }
}

TEST(Communicator, ReceiveAnyFromThreads) {
  Communicator& comm = test_communicator();
  if (comm.size() == 1) GTEST_SKIP() << "needs at least 2 ranks";
  constexpr int threads = 3;
  constexpr int messages = 50;
  if (comm.rank() != 0) {
    std::vector<std::thread> team;
    for (int t = 0; t < threads; ++t) {
      team.emplace_back([&] {
        for (int i = 0; i < messages; ++i) {
          comm.begin_send(0, Channel::test, bytes_of(static_cast<std::size_t>(i * 400), comm.rank()))->finish();
        }
      });
    }
    for (std::thread& thread : team) thread.join();
  } else {
    std::vector<int> count(static_cast<std::size_t>(comm.size()));
    for (int i = 0; i < threads * messages * (comm.size() - 1); ++i) {
      const auto message = comm.receive_any(Channel::test);
      EXPECT_EQ(message.bytes, bytes_of(message.bytes.size(), message.source));
      ++count[static_cast<std::size_t>(message.source)];
    }
    for (int rank = 1; rank < comm.size(); ++rank) EXPECT_EQ(count[static_cast<std::size_t>(rank)], threads * messages);
  }
  comm.barrier();
}

TEST(Communicator, Progress) {
  Communicator& comm = test_communicator();
  for (std::int64_t step = 1; step <= 10; ++step) (void)comm.send_progress({step, 1});
  while (!comm.send_progress({100 + comm.rank(), 2})) std::this_thread::sleep_for(1ms);
  if (comm.rank() == 0) {
    const std::int64_t expected = 100 * comm.size() + comm.size() * (comm.size() - 1) / 2;
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (comm.progress().front() != expected && std::chrono::steady_clock::now() < deadline)
      std::this_thread::sleep_for(1ms);
    EXPECT_EQ(comm.progress().front(), expected);
    EXPECT_EQ(comm.progress().at(1), 2 * comm.size());
  }
  comm.barrier();
}

/// This is the last test, because the communicator is good for nothing but agreement afterwards. One rank fails while
/// all others wait for it, each in another way.
TEST(CommunicatorLast, FailureEndsWaits) {
  Communicator& comm = test_communicator();
  const int failing = comm.size() - 1;
  std::optional<Communicator::Failure> mine;
  const auto start = std::chrono::steady_clock::now();
  if (comm.rank() == failing) {
    // A rank that has sent its message has left the barrier of the test before.
    for (int others = comm.size() - 1; others > 0; --others) (void)comm.receive_any(Channel::test);
    std::this_thread::sleep_for(100ms);  // now the others wait
    mine = {3, "the disk is on fire"};
    comm.announce_failure();
  } else {
    comm.begin_send(failing, Channel::test, {})->finish();
    std::vector<std::byte> never(1000);
    const auto wait = [&] {
      if (comm.rank() % 3 == 0) {
        (void)comm.sum(1);
      } else if (comm.rank() % 3 == 1) {
        comm.begin_receive(failing, Channel::test, never)->finish();
      } else {
        (void)comm.receive_any(Channel::test);
      }
    };
    EXPECT_THROW(wait(), PeerFailure);
  }
  const auto agreed = comm.agree_on_failure(mine);
  EXPECT_EQ(agreed.exit_code, 3);
  EXPECT_EQ(agreed.message, "the disk is on fire");
  EXPECT_LT(std::chrono::steady_clock::now() - start, 10s);
}

}  // namespace
}  // namespace haloedge

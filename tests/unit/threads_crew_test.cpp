// Tests how a Crew fails: the first failure is kept and ends the others' waits, whichever thread it comes from.
#include <atomic>
#include <chrono>
#include <latch>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "core/threads.hpp"
#include "watchdog.hpp"

namespace haloedge {
namespace {

std::string text_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    return e.what();
  }
}

/// Returns the message of the error that join() throws, or an empty text if it returns.
std::string join_error(Crew& crew) {
  try {
    crew.join();
  } catch (const std::exception& e) {
    return e.what();
  }
  return {};
}

TEST(Crew, Join) {
  const Watchdog watchdog("Crew: no failure");
  std::atomic<int> done = 0;
  int ended = 0;
  Crew crew([&](const std::exception_ptr&) { ++ended; });
  for (int i = 0; i < 3; ++i) {
    crew.start([&] { ++done; });
  }
  crew.run([&] { ++done; });
  crew.join();
  EXPECT_EQ(done, 4);
  EXPECT_EQ(ended, 0);
}

TEST(Crew, Failure) {
  const Watchdog watchdog("Crew: one part fails");
  std::latch end(1);
  std::string given;
  Crew crew([&](const std::exception_ptr& error) {
    given = text_of(error);
    end.count_down();
  });
  for (int i = 0; i < 2; ++i) {
    crew.start([&] { end.wait(); });
  }
  crew.start([] { throw std::runtime_error("the disk is full"); });
  crew.run([&] { end.wait(); });
  EXPECT_EQ(join_error(crew), "the disk is full");
  EXPECT_EQ(given, "the disk is full");
}

TEST(Crew, WaitFor) {
  const Watchdog watchdog("Crew: waits with a limit");
  std::latch end(1);
  Crew crew([](const std::exception_ptr&) {});
  EXPECT_TRUE(crew.wait_for(std::chrono::milliseconds(0)));
  crew.start([&] { end.wait(); });
  crew.start([] { throw std::runtime_error("one part"); });
  EXPECT_FALSE(crew.wait_for(std::chrono::milliseconds(20))) << "the other part still works";
  end.count_down();
  EXPECT_TRUE(crew.wait_for(std::chrono::seconds(30)));
  EXPECT_EQ(join_error(crew), "one part");
}

TEST(Crew, FirstFailure) {
  const Watchdog watchdog("Crew: all parts fail");
  std::latch end(1);
  int ended = 0;
  Crew crew([&](const std::exception_ptr&) {
    ++ended;
    end.count_down();
  });
  for (int i = 0; i < 3; ++i) {
    crew.start([&] {
      end.wait();
      throw std::runtime_error("its queue was abandoned");
    });
  }
  crew.start([] { throw std::runtime_error("first"); });
  EXPECT_EQ(join_error(crew), "first");
  EXPECT_EQ(ended, 1);
}

TEST(Crew, CallingThread) {
  const Watchdog watchdog("Crew: the caller's part fails");
  std::latch end(1);
  Crew crew([&](const std::exception_ptr&) { end.count_down(); });
  crew.start([&] { end.wait(); });
  EXPECT_NO_THROW(crew.run([] { throw std::runtime_error("here"); }));
  EXPECT_EQ(join_error(crew), "here");
}

}  // namespace
}  // namespace haloedge

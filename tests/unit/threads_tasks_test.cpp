#include <atomic>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include "core/threads.hpp"

namespace haloedge {
namespace {

TEST(RunTasks, EachOnce) {
  std::vector<std::atomic<int>> runs(1000);
  std::atomic<bool> in_range = true;
  run_tasks(4, 1000, [&](std::int64_t task, int thread) {
    ++runs[static_cast<std::size_t>(task)];
    if (thread < 0 || thread >= 4) in_range = false;
  });
  for (const auto& count : runs) EXPECT_EQ(count, 1);
  EXPECT_TRUE(in_range);
}

TEST(RunTasks, NothingToDo) {
  run_tasks(3, 0, [](std::int64_t, int) { FAIL(); });
}

TEST(RunTasks, FirstError) {
  std::atomic<int> runs = 0;
  const auto task = [&](std::int64_t number, int) {
    ++runs;
    if (number == 3) throw std::runtime_error("task 3");
  };
  EXPECT_THROW(run_tasks(2, 100000, task), std::runtime_error);
  EXPECT_LT(runs, 100000);
}

}  // namespace
}  // namespace haloedge

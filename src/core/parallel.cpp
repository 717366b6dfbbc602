#include "core/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>

#include <omp.h>

namespace haloedge {

namespace {

/// At most one thread for each task.
int team_size(int threads, std::int64_t tasks) { return static_cast<int>(std::clamp<std::int64_t>(tasks, 1, threads)); }

}  // namespace

void run_tasks(int threads, std::int64_t count, const std::function<void(std::int64_t task, int thread)>& task) {
  std::exception_ptr first;
  std::mutex first_guard;
  std::atomic<bool> failed = false;

#pragma omp parallel for schedule(dynamic, 1) num_threads(team_size(threads, count))
  for (std::int64_t i = 0; i < count; ++i) {
    if (failed.load(std::memory_order_relaxed)) continue;
    try {
      task(i, omp_get_thread_num());
    } catch (...) {
      const std::lock_guard lock(first_guard);
      if (!first) first = std::current_exception();
      failed = true;
    }
  }
  if (first) std::rethrow_exception(first);
}

}  // namespace haloedge

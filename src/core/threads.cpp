#include "core/threads.hpp"

#include <algorithm>
#include <atomic>

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

void sleep_until_end(const std::stop_token& end, std::chrono::milliseconds time) {
  std::mutex guard;
  std::condition_variable_any never;
  std::unique_lock lock(guard);
  never.wait_for(lock, end, time, [] { return false; });
}

void Crew::run(const std::function<void()>& work) {
  try {
    work();
  } catch (...) {
    fail(std::current_exception());
  }
}

void Crew::start(std::function<void()> work) {
  {
    const std::lock_guard lock(guard_);
    ++running_;
  }
  try {
    threads_.emplace_back([this, work = std::move(work)] {
      run(work);
      // If `work` used run_tasks(), OpenMP keeps a team for this thread, whose threads would end unjoined with it. This
      // call joins them.
      (void)omp_pause_resource_all(omp_pause_soft);
      leave();
    });
  } catch (...) {
    fail(std::current_exception());
    leave();
  }
}

void Crew::leave() {
  const std::lock_guard lock(guard_);
  --running_;
  ended_.notify_all();
}

bool Crew::wait_for(std::chrono::milliseconds time) {
  std::unique_lock lock(guard_);
  return ended_.wait_for(lock, time, [&] { return running_ == 0; });
}

void Crew::join() {
  threads_.clear();
  if (error_) std::rethrow_exception(error_);
}

void Crew::fail(std::exception_ptr error) {
  {
    const std::lock_guard lock(guard_);
    if (error_) return;
    error_ = error;
  }
  end_all_(std::move(error));
}

}  // namespace haloedge

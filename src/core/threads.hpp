#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace haloedge {

/// Runs task(i, thread) for i from 0 to count - 1 on up to `threads` OpenMP threads, which are numbered from 0. The
/// next free thread takes the next task. Returns when all tasks are done. If a task throws, those that have not begun
/// are skipped, and the first exception is thrown again.
void run_tasks(int threads, std::int64_t count, const std::function<void(std::int64_t task, int thread)>& task);

/// Sleeps for `time`, but at most until the end is requested.
void sleep_until_end(const std::stop_token& end, std::chrono::milliseconds time);

/// Runs the parts of one job on background threads. This is the one way in haloedge to run threads whose failure ends
/// the job.
///
/// If a part throws, the crew keeps the exception of the first one that threw, and calls `end_all` with it, once, on
/// the thread that failed. `end_all` must end all waits of the other parts (abandon their queues, for example), so that
/// every part returns soon. join() then throws the kept exception. Parts that throw because of `end_all` are ignored.
///
/// The destructor waits for all parts, but does not end their waits. Code that destroys a crew without join() must end
/// them first.
class Crew {
 public:
  /// `end_all` must not throw, and must also end waits that begin only after it was called.
  explicit Crew(std::function<void(std::exception_ptr)> end_all) : end_all_(std::move(end_all)) {}
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  ~Crew() = default;

  /// Runs `work` on a thread of its own. If the system has no more threads, this counts as a failure of the part.
  void start(std::function<void()> work);
  /// Runs `work` on the calling thread as one more part: its exception is kept for join(), so run() throws nothing.
  void run(const std::function<void()>& work);
  /// Waits until all started parts have ended, or until `time` is over. Returns true if they have ended.
  [[nodiscard]] bool wait_for(std::chrono::milliseconds time);
  /// Waits for all parts, then throws the exception that was kept, if any. For the thread that calls start().
  void join();

 private:
  void fail(std::exception_ptr error);
  void leave();

  std::function<void(std::exception_ptr)> end_all_;
  std::mutex guard_;
  std::condition_variable ended_;
  int running_ = 0;  ///< parts that were started and have not ended
  std::exception_ptr error_;
  std::vector<std::jthread> threads_;
};

}  // namespace haloedge

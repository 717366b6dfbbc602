#pragma once

#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace haloedge {

/// Threads that do parts of one job. If one of them throws, the first one's error is kept and `end_all` called, which
/// must end the others' waits.
class Crew {
 public:
  explicit Crew(std::function<void(std::exception_ptr)> end_all) : end_all_(std::move(end_all)) {}
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  ~Crew() = default;

  /// On a thread of its own. If there are no more to be had, that is an error of the job.
  void start(std::function<void()> work);
  /// On the calling thread.
  void run(const std::function<void()>& work);
  /// Waits for all, then throws the error that was kept.
  void join();

 private:
  void fail(std::exception_ptr error);

  std::function<void(std::exception_ptr)> end_all_;
  std::mutex guard_;
  std::exception_ptr error_;
  std::vector<std::jthread> threads_;
};

}  // namespace haloedge

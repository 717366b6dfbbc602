#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

namespace haloedge {

/// Ends the process, and says what hangs, if the watchdog lives longer than its time. It is for tests that must not
/// deadlock.
class Watchdog {
 public:
  explicit Watchdog(std::string what, std::chrono::seconds time = std::chrono::seconds(40))
      : what_(std::move(what)), thread_([this, time](const std::stop_token& stop) { watch(stop, time); }) {}

 private:
  void watch(const std::stop_token& stop, std::chrono::seconds time) {
    std::unique_lock lock(guard_);
    stopped_.wait_for(lock, stop, time, [] { return false; });
    if (stop.stop_requested()) return;
    std::fprintf(stderr, "hangs: %s\n", what_.c_str());
    std::abort();
  }

  std::string what_;
  std::mutex guard_;
  std::condition_variable_any stopped_;
  std::jthread thread_;
};

}  // namespace haloedge

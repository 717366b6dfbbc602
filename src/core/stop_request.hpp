#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <thread>

namespace haloedge {

/// Lets SIGTERM, SIGINT, SIGUSR1 or a time limit end a long job in good order. Handles these signals during its
/// lifetime: the first one is a request, and one that comes more than a second later ends the program as usual. There
/// must be only one at a time.
class StopRequest {
 public:
  /// A limit of zero means none.
  explicit StopRequest(std::chrono::seconds time_limit);
  StopRequest(const StopRequest&) = delete;
  StopRequest& operator=(const StopRequest&) = delete;
  ~StopRequest();

  /// Returns what has asked for the stop, for example "SIGTERM" or "the time limit"; empty if there is no request.
  [[nodiscard]] std::string reason() const;
  /// Throws Stopped if there is a request. The message says what was `under_way` ("listing the images"), and ends with
  /// the `advice` on what to do now.
  void throw_if_made(const char* under_way, const char* advice) const;

 private:
  std::chrono::seconds time_limit_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Calls `on_stop` once, on a thread of its own, when the stop is requested. The destructor ends the thread. `stop`
/// must outlive it.
class StopWatcher {
 public:
  StopWatcher(const StopRequest& stop, std::function<void()> on_stop);

 private:
  std::jthread thread_;
};

}  // namespace haloedge

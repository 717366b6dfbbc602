#pragma once

#include <chrono>
#include <string>

namespace haloedge {

/// Lets a long job end in good order: asked for by SIGTERM, SIGINT or SIGUSR1, or by the clock. One at a time; while it
/// lives it answers these signals; one that comes a second and more after the first ends the program, as ever.
class StopRequest {
 public:
  /// Zero: no limit.
  explicit StopRequest(std::chrono::seconds time_limit);
  StopRequest(const StopRequest&) = delete;
  StopRequest& operator=(const StopRequest&) = delete;
  ~StopRequest();

  /// "SIGTERM", "the time limit"; empty as long as nothing asks.
  [[nodiscard]] std::string reason() const;
  /// Throws Stopped, saying what was under way, if something asks.
  void throw_if_made(const char* under_way) const;

 private:
  std::chrono::seconds time_limit_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace haloedge

#include "core/stop_request.hpp"

#include <array>
#include <condition_variable>
#include <csignal>
#include <ctime>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"

namespace haloedge {

namespace {

constexpr std::array<std::pair<int, const char*>, 3> signals{
    {{SIGTERM, "SIGTERM"}, {SIGINT, "SIGINT"}, {SIGUSR1, "SIGUSR1"}}};

volatile std::sig_atomic_t signal_seen = 0;
volatile std::time_t seen_at = 0;  // in seconds

/// Keeps the first signal as the request. A launcher and the scheduler may both send one, so only a signal that comes
/// more than a second later ends the program.
extern "C" void keep_signal(int number) {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  if (signal_seen == 0) {
    seen_at = now.tv_sec;
    signal_seen = number;
  } else if (now.tv_sec - seen_at > 1) {
    (void)std::signal(number, SIG_DFL);
    (void)std::raise(number);
  }
}

void answer_signals(void (*handler)(int), int flags) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  for (const auto& [number, name] : signals) ::sigaction(number, &action, nullptr);
}

}  // namespace

StopRequest::StopRequest(std::chrono::seconds time_limit) : time_limit_(time_limit) {
  signal_seen = 0;
  answer_signals(keep_signal, SA_RESTART);
}

StopRequest::~StopRequest() { answer_signals(SIG_DFL, 0); }

std::string StopRequest::reason() const {
  for (const auto& [number, name] : signals) {
    if (signal_seen == number) return name;
  }
  const bool over = time_limit_.count() > 0 && std::chrono::steady_clock::now() - start_ >= time_limit_;
  return over ? "the time limit" : "";
}

void StopRequest::throw_if_made(const char* under_way) const {
  const std::string by = reason();
  if (!by.empty()) throw Stopped(fmt::format("stopped by {} while {}: go on with --resume", by, under_way));
}

StopWatcher::StopWatcher(const StopRequest& stop, std::function<void()> on_stop)
    : thread_([&stop, on_stop = std::move(on_stop)](const std::stop_token& end) {
        constexpr std::chrono::milliseconds period{50};
        std::mutex guard;
        std::condition_variable_any never;
        std::unique_lock lock(guard);
        while (!end.stop_requested() && stop.reason().empty()) {
          never.wait_for(lock, end, period, [] { return false; });
        }
        if (!end.stop_requested()) on_stop();
      }) {}

}  // namespace haloedge

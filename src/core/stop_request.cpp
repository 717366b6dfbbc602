#include "core/stop_request.hpp"

#include <array>
#include <atomic>
#include <csignal>
#include <ctime>
#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/threads.hpp"

namespace haloedge {

namespace {

constexpr std::array<std::pair<int, const char*>, 3> signals{
    {{SIGTERM, "SIGTERM"}, {SIGINT, "SIGINT"}, {SIGUSR1, "SIGUSR1"}}};

// The system runs the handler on any thread, while others read.
constexpr std::time_t never = -1;
std::atomic<int> signal_seen = 0;
std::atomic<std::time_t> seen_at = never;  // in seconds
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<std::time_t>::is_always_lock_free);

/// Keeps the first signal as the request. A launcher and the scheduler may both send one, so only a signal that comes
/// more than a second later ends the program.
extern "C" void keep_signal(int number) {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  std::time_t first = never;
  if (seen_at.compare_exchange_strong(first, now.tv_sec)) {
    signal_seen = number;
  } else if (now.tv_sec - first > 1) {
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
  seen_at = never;
  answer_signals(keep_signal, SA_RESTART);
}

StopRequest::~StopRequest() { answer_signals(SIG_DFL, 0); }

std::string StopRequest::reason() const {
  const int seen = signal_seen;
  for (const auto& [number, name] : signals) {
    if (seen == number) return name;
  }
  const bool over = time_limit_.count() > 0 && std::chrono::steady_clock::now() - start_ >= time_limit_;
  return over ? "the time limit" : "";
}

void StopRequest::throw_if_made(const char* under_way, const char* advice) const {
  const std::string by = reason();
  if (!by.empty()) throw Stopped(fmt::format("stopped by {} while {}: {}", by, under_way, advice));
}

StopWatcher::StopWatcher(const StopRequest& stop, std::function<void()> on_stop)
    : thread_([&stop, on_stop = std::move(on_stop)](const std::stop_token& end) {
        constexpr std::chrono::milliseconds period{50};
        while (!end.stop_requested() && stop.reason().empty()) sleep_until_end(end, period);
        if (!end.stop_requested()) on_stop();
      }) {}

}  // namespace haloedge

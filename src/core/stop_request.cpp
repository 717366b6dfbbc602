#include "core/stop_request.hpp"

#include <array>
#include <csignal>
#include <ctime>

#include <fmt/format.h>

#include "core/error.hpp"

namespace haloedge {

namespace {

constexpr std::array<int, 3> signals{SIGTERM, SIGINT, SIGUSR1};

volatile std::sig_atomic_t signal_seen = 0;
volatile std::time_t seen_at = 0;  // in seconds

/// A launcher and the scheduler may both send a signal, so only one that comes later ends the program.
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
  for (const int number : signals) ::sigaction(number, &action, nullptr);
}

}  // namespace

StopRequest::StopRequest(std::chrono::seconds time_limit) : time_limit_(time_limit) {
  signal_seen = 0;
  answer_signals(keep_signal, SA_RESTART);
}

StopRequest::~StopRequest() { answer_signals(SIG_DFL, 0); }

std::string StopRequest::reason() const {
  switch (signal_seen) {
    case SIGTERM:
      return "SIGTERM";
    case SIGINT:
      return "SIGINT";
    case SIGUSR1:
      return "SIGUSR1";
    default:
      break;
  }
  const bool over = time_limit_.count() > 0 && std::chrono::steady_clock::now() - start_ >= time_limit_;
  return over ? "the time limit" : "";
}

void StopRequest::throw_if_made(const char* under_way) const {
  const std::string by = reason();
  if (!by.empty()) throw Stopped(fmt::format("stopped by {} while {}: go on with --resume", by, under_way));
}

}  // namespace haloedge

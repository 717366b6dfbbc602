#include "commands/stream_status.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>

#include <fmt/format.h>

#include "commands/stream_output.hpp"
#include "commands/terminal.hpp"
#include "core/size_text.hpp"

namespace haloedge {

namespace {

void tell(const StreamLog& log) {
  const StreamLog::Totals totals = log.totals();
  fmt::print(stderr, "\r{} frames, source {:.1f} fps, filter {:.1f} fps\x1b[K", count_text(totals.written.count),
             log.source_rate(), log.filter_rate());
  std::fflush(stderr);
}

void tell_until(const std::stop_token& end, const StreamLog& log) {
  constexpr std::chrono::milliseconds period{500};
  std::mutex guard;
  std::condition_variable_any never;
  std::unique_lock lock(guard);
  while (!end.stop_requested()) {
    tell(log);
    never.wait_for(lock, end, period, [] { return false; });
  }
  fmt::print(stderr, "\r\x1b[K");
}

}  // namespace

StreamStatus::StreamStatus(const StreamCommand& command, const StreamLog& log) {
  const CommonOptions& common = command.common;
  const bool is_alone = !is_standard_stream(command.output) && error_stream_is_terminal();
  const bool wanted =
      common.progress == ProgressMode::on || (common.progress == ProgressMode::automatic && !common.quiet && is_alone);
  if (wanted) thread_ = std::jthread([&log](const std::stop_token& end) { tell_until(end, log); });
}

}  // namespace haloedge

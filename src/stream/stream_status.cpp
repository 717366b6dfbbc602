#include "stream/stream_status.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>

#include <fmt/format.h>

#include "core/number_text.hpp"
#include "run/terminal.hpp"

namespace haloedge {

namespace {

void tell(const StreamLog& log) {
  const StreamLog::Totals totals = log.totals();
  say(fmt::format("\r{} frames, source {:.1f} fps, filter {:.1f} fps\x1b[K", count_text(totals.written.count),
                  log.source_rate(), log.filter_rate()));
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
  say("\r\x1b[K");
}

}  // namespace

StreamStatus::StreamStatus(const StreamCommand& command, const StreamLog& log) {
  const CommonOptions& common = command.common;
  const bool is_alone = !command.output.empty() && error_stream_is_terminal();
  const bool wanted =
      common.progress == ProgressMode::on || (common.progress == ProgressMode::automatic && !common.quiet && is_alone);
  if (wanted) thread_ = std::jthread([&log](const std::stop_token& end) { tell_until(end, log); });
}

}  // namespace haloedge

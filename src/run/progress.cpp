#include "run/progress.hpp"

#include <algorithm>
#include <filesystem>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

namespace haloedge {

namespace {

constexpr std::chrono::milliseconds tell_period{50};
constexpr std::chrono::milliseconds rewrite_period{200};
constexpr std::chrono::milliseconds log_period{5000};

}  // namespace

bool error_stream_is_terminal() {
  if (::isatty(STDERR_FILENO) != 0) return true;
  std::error_code error;
  const auto launcher = std::filesystem::read_symlink(fmt::format("/proc/{}/fd/2", ::getppid()), error);
  const auto own = std::filesystem::read_symlink("/proc/self/fd/2", error);
  return !error && own.string().starts_with("pipe:") && launcher.string().starts_with("/dev/pts/");
}

Progress::Progress(const CommonOptions& options, Communicator& communicator, bool logs, Line line)
    : communicator_(communicator), line_(std::move(line)) {
  const bool on_terminal = error_stream_is_terminal();
  const bool wanted = options.progress == ProgressMode::on ||
                      (options.progress == ProgressMode::automatic && !options.quiet && (logs || on_terminal));
  shown_ = communicator.broadcast(wanted ? "shown" : "") == "shown";
  rewrites_ = on_terminal || !logs;
  if (!rewrites_) drawn_ = start_;
}

void Progress::update(const Counts& counts) {
  if (!shown_ || Clock::now() - told_ < tell_period) return;
  told_ = Clock::now();
  communicator_.send_progress(counts);
  if (communicator_.rank() == 0) draw();
}

void Progress::draw() {
  if (Clock::now() - drawn_ < (rewrites_ ? rewrite_period : log_period)) return;
  drawn_ = Clock::now();
  const double seconds = std::chrono::duration<double>(drawn_ - start_).count();
  const std::string text = line_(communicator_.progress(), std::max(seconds, 1e-9));
  say(rewrites_ ? '\r' + text + "\x1b[K" : text + '\n');
}

void Progress::finish(Counts counts) {
  if (!shown_) return;
  counts.at(ranks_ended) = 1;
  const auto all_ended = [&] {
    return communicator_.rank() != 0 || communicator_.progress().at(ranks_ended) == communicator_.size();
  };
  while (!communicator_.send_progress(counts) || !all_ended()) {
    communicator_.check_peers();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (communicator_.rank() == 0) draw();
  }
  if (rewrites_ && communicator_.rank() == 0) say("\r\x1b[K");
}

Progress::Line Progress::row_line(std::int64_t rows, std::int64_t row_pixels) {
  return [=](const Counts& sum, double seconds) {
    constexpr int bar_width = 30;
    const std::int64_t done = sum.at(rows_done);
    const double part = static_cast<double>(done) / static_cast<double>(std::max<std::int64_t>(1, rows));
    const double rate = static_cast<double>(done * row_pixels) / 1e6 / seconds;
    const double left = done > 0 ? seconds / part - seconds : 0;
    const auto filled = static_cast<std::size_t>(part * bar_width);
    return fmt::format("[{:<{}}] {:3.0f} %  {:.0f} Mpx/s  {:.0f} s left", std::string(filled, '#'), bar_width,
                       100 * part, rate, left);
  };
}

void say(const std::string& text, std::FILE* to) {
  (void)std::fputs(text.c_str(), to);
  (void)std::fflush(to);
}

}  // namespace haloedge

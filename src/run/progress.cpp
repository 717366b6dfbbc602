#include "run/progress.hpp"

#include <algorithm>
#include <filesystem>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/number_text.hpp"

namespace haloedge {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds tell_period{50};
constexpr milliseconds rewrite_period{200};
constexpr milliseconds shortest_log_period{5'000};
constexpr milliseconds longest_log_period{300'000};

/// Returns true if standard error goes to a terminal. mpirun puts a pipe between its ranks and the terminal; then the
/// standard error of the parent process decides.
bool error_stream_is_terminal() {
  if (::isatty(STDERR_FILENO) != 0) return true;
  std::error_code error;
  const auto launcher = std::filesystem::read_symlink(fmt::format("/proc/{}/fd/2", ::getppid()), error);
  const auto own = std::filesystem::read_symlink("/proc/self/fd/2", error);
  return !error && own.string().starts_with("pipe:") && launcher.string().starts_with("/dev/pts/");
}

/// The columns of the terminal. Behind mpirun they are not known.
std::size_t terminal_columns() {
  constexpr std::size_t usual = 80;
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : usual;
}

}  // namespace

StatusLine::StatusLine(ProgressMode mode) : on_terminal_(error_stream_is_terminal()) {
  // A short job leaves no line in a log, unless the user asks for it.
  if (!on_terminal_ && mode != ProgressMode::on) shown_ = start_;
}

bool StatusLine::is_due() const {
  constexpr int lines = 20;  // A log gets about this many lines while the elapsed time doubles.
  const Clock::time_point now = Clock::now();
  const auto log_period = std::clamp(std::chrono::duration_cast<milliseconds>(now - start_) / lines,
                                     shortest_log_period, longest_log_period);
  return now - shown_ >= (on_terminal_ ? rewrite_period : log_period);
}

void StatusLine::show(std::string text) {
  shown_ = Clock::now();
  const std::size_t columns = terminal_columns() - 1;
  if (on_terminal_ && text.size() > columns) text = cut_line(text, columns);
  say(on_terminal_ ? '\r' + text + "\x1b[K" : text + '\n');
}

void StatusLine::clear() const {
  if (on_terminal_) say("\r\x1b[K");
}

double StatusLine::seconds() const {
  return std::max(1e-9, std::chrono::duration<double>(Clock::now() - start_).count());
}

bool progress_wanted(const CommonOptions& options) {
  return options.progress == ProgressMode::on || (options.progress == ProgressMode::automatic && !options.quiet);
}

Progress::Progress(const CommonOptions& options, Communicator& communicator, Line line)
    : communicator_(communicator),
      line_(std::move(line)),
      shown_(progress_wanted(options)),
      status_(options.progress) {}

void Progress::update(const Counts& counts) {
  if (!shown_ || Clock::now() - told_ < tell_period) return;
  told_ = Clock::now();
  communicator_.send_progress(counts);
  if (communicator_.rank() == 0) draw();
}

void Progress::draw() {
  if (status_.is_due()) status_.show(line_(communicator_.progress(), status_.seconds()));
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
  if (communicator_.rank() == 0) status_.clear();
}

Progress::Line Progress::row_line(std::int64_t rows, std::int64_t row_pixels) {
  return [=](const Counts& sum, double seconds) {
    constexpr std::int64_t bar_width = 30;
    const std::int64_t done = sum.at(rows_done);
    const std::int64_t done_now = done - sum.at(rows_earlier);
    const std::int64_t of = std::max<std::int64_t>(1, rows);
    return fmt::format("[{:<{}}] {:3} %  {:.0f} Mpx/s  {}",
                       std::string(static_cast<std::size_t>(bar_width * done / of), '#'), bar_width, 100 * done / of,
                       static_cast<double>(done_now * row_pixels) / 1e6 / seconds,
                       time_left_text(static_cast<double>(done_now), static_cast<double>(rows - done), seconds));
  };
}

std::string time_left_text(double done, double to_do, double seconds) {
  constexpr double long_time = 180;
  if (to_do <= 0) return "finishing";
  if (done <= 0) return "time left not known yet";
  const double left = std::max(1.0, seconds * to_do / done);
  return left < long_time ? fmt::format("{:.0f} s left", left) : seconds_text(left) + " left";
}

std::string cut_line(const std::string& text, std::size_t columns) {
  for (std::size_t end = columns; end > 0; --end) {
    if (text[end] == ' ' && (text[end - 1] == ',' || text[end - 1] == ';')) return text.substr(0, end - 1);
  }
  return text.substr(0, columns);
}

void say(const std::string& text, std::FILE* to) {
  (void)std::fputs(text.c_str(), to);
  (void)std::fflush(to);
}

}  // namespace haloedge

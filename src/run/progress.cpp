#include "run/progress.hpp"

#include <algorithm>
#include <cstdio>
#include <string>
#include <thread>

#include <fmt/format.h>

#include "run/terminal.hpp"

namespace haloedge {

namespace {

constexpr std::chrono::milliseconds period{200};

}  // namespace

Progress::Progress(const CommonOptions& options, Communicator& communicator, std::int64_t total,
                   std::int64_t pixels_each)
    : communicator_(communicator), total_(total), pixels_each_(pixels_each) {
  const bool wanted = options.progress == ProgressMode::on ||
                      (options.progress == ProgressMode::automatic && !options.quiet && error_stream_is_terminal());
  shown_ = communicator.broadcast(wanted ? "shown" : "") == "shown";
}

void Progress::update(std::int64_t done) {
  done_ = done;
  if (!shown_ || Clock::now() - last_ < period) return;
  last_ = Clock::now();
  communicator_.tell_progress({done_});
  if (communicator_.rank() == 0) draw();
}

void Progress::draw() {
  constexpr int bar_width = 30;
  const std::int64_t done = communicator_.progress().front();
  const double part = static_cast<double>(done) / static_cast<double>(std::max<std::int64_t>(1, total_));
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  const double rate = static_cast<double>(done * pixels_each_) / 1e6 / std::max(seconds, 1e-9);
  const double left = done > 0 ? seconds / part - seconds : 0;
  const auto filled = static_cast<std::size_t>(part * bar_width);
  fmt::print(stderr, "\r[{:<{}}] {:3.0f} %  {:.0f} Mpx/s  {:.0f} s left\x1b[K", std::string(filled, '#'), bar_width,
             100 * part, rate, left);
  std::fflush(stderr);
}

void Progress::finish() {
  if (!shown_) return;
  while (!communicator_.tell_progress({done_}) ||
         (communicator_.rank() == 0 && communicator_.progress().front() < total_)) {
    communicator_.check_peers();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    update(done_);
  }
  if (communicator_.rank() == 0) fmt::print(stderr, "\r\x1b[K");
}

}  // namespace haloedge

#include "sets/set_progress.hpp"

#include <algorithm>
#include <cstdio>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "core/number_text.hpp"
#include "run/terminal.hpp"

namespace haloedge {

namespace {

constexpr std::chrono::milliseconds terminal_period{200};
constexpr std::chrono::milliseconds log_period{5000};

// The places of the counts; those of the queues follow.
constexpr std::size_t ended = 0;
constexpr std::size_t failed = 1;
constexpr std::size_t bytes_read = 2;
constexpr std::size_t ranks_ended = 3;
constexpr std::size_t first_queue = 4;

}  // namespace

SetProgress::SetProgress(const CommonOptions& options, Communicator& communicator, std::int64_t images,
                         std::int64_t bytes, std::vector<std::string> queues)
    : communicator_(communicator),
      images_(images),
      bytes_(bytes),
      queues_(std::move(queues)),
      shown_(options.progress == ProgressMode::on || (options.progress == ProgressMode::automatic && !options.quiet)),
      on_terminal_(error_stream_is_terminal()) {}

void SetProgress::update(const Communicator::Counts& counts) {
  communicator_.tell_progress(counts);
  if (communicator_.rank() == 0) draw();
}

void SetProgress::finish(Communicator::Counts counts) {
  counts.at(ranks_ended) = 1;
  const auto all_ended = [&] {
    return communicator_.rank() != 0 || communicator_.progress().at(ranks_ended) == communicator_.size();
  };
  while (!communicator_.tell_progress(counts) || !all_ended()) {
    communicator_.check_peers();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (communicator_.rank() == 0) draw();
  }
  if (shown_ && on_terminal_ && communicator_.rank() == 0) fmt::print(stderr, "\r\x1b[K");
}

void SetProgress::draw() {
  if (!shown_ || Clock::now() - last_ < (on_terminal_ ? terminal_period : log_period)) return;
  last_ = Clock::now();
  const std::string text = line(communicator_.progress());
  fmt::print(stderr, "{}", on_terminal_ ? '\r' + text + "\x1b[K" : text + '\n');
  std::fflush(stderr);
}

std::string SetProgress::line(const Communicator::Counts& sum) const {
  const double seconds = std::max(std::chrono::duration<double>(Clock::now() - start_).count(), 1e-9);
  const auto done_bytes = static_cast<double>(sum.at(bytes_read));
  // By bytes: large images take longer.
  const double left = done_bytes > 0 ? seconds * (static_cast<double>(bytes_) - done_bytes) / done_bytes : 0;
  const double part = static_cast<double>(sum.at(ended)) / static_cast<double>(std::max<std::int64_t>(1, images_));
  std::string text =
      fmt::format("{} of {} images ({:.0f} %), {} failed, {:.0f} images/s, {:.1f} MB/s, {:.0f} s left; waiting:",
                  count_text(sum.at(ended)), count_text(images_), 100 * part, count_text(sum.at(failed)),
                  static_cast<double>(sum.at(ended)) / seconds, done_bytes / 1e6 / seconds, left);
  for (std::size_t i = 0; i < queues_.size(); ++i) {
    text += fmt::format("{} {} {}", i == 0 ? "" : ",", queues_[i], sum.at(first_queue + i));
  }
  return text;
}

}  // namespace haloedge

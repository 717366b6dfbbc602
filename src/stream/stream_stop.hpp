#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <utility>

#include "stream/frame.hpp"

namespace haloedge {

/// When a stream ends before its input does: because somebody asks for it, or because nobody wants its output. Any
/// thread may call anything: whichever waits, for the input or for whoever reads the output, must learn of it.
class StreamStop {
 public:
  /// `asked` says whether somebody asks. It is called by one thread at a time.
  explicit StreamStop(std::function<bool()> asked) : asked_(std::move(asked)) {}

  [[nodiscard]] bool input_should_end();

  /// True once nobody wants more frames, or once what was read before somebody asked has had a second to be taken by
  /// whoever reads the output.
  [[nodiscard]] bool output_should_give_up();

  /// Nobody wants more frames, neither read nor written.
  void end_streams() { unwanted_ = true; }

  /// Whether somebody has asked.
  [[nodiscard]] bool was_asked() const { return asked_at_.load() != StreamClock::time_point{}; }

 private:
  void ask();

  std::function<bool()> asked_;
  std::mutex guard_;
  std::atomic<StreamClock::time_point> asked_at_{StreamClock::time_point{}};
  std::atomic<bool> unwanted_ = false;
};

}  // namespace haloedge

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
  /// `asked` says whether somebody asks. It is called by one thread at a time; what it throws ends the stream.
  explicit StreamStop(std::function<bool()> asked) : asked_(std::move(asked)) {}

  [[nodiscard]] bool input_should_end();

  /// `waited`: how long whoever reads the output has taken nothing. True once nobody wants more frames, or somebody has
  /// asked and it has been a second.
  [[nodiscard]] bool output_should_give_up(StreamClock::duration waited);

  /// Nobody wants more frames, neither read nor written.
  void end_streams() { unwanted_ = true; }

  /// Whether somebody has asked.
  [[nodiscard]] bool was_asked() const { return was_asked_; }

 private:
  void ask();

  std::function<bool()> asked_;
  std::mutex guard_;
  std::atomic<bool> was_asked_ = false;
  std::atomic<bool> unwanted_ = false;
};

}  // namespace haloedge

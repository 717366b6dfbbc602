#pragma once

#include <atomic>
#include <functional>

#include "stream/frame.hpp"

namespace haloedge {

/// When a stream ends before its input does: because somebody asks for it, or because nobody wants its output.
class StreamStop {
 public:
  /// `asked` says whether somebody asks; for the thread that reads.
  explicit StreamStop(std::function<bool()> asked) : asked_(std::move(asked)) {}

  /// For the thread that reads.
  [[nodiscard]] bool input_should_end();

  /// True once what was read before has had a second to be taken by whoever reads the output.
  [[nodiscard]] bool output_should_give_up() const;

  /// Nobody wants more frames.
  void end_input() { unwanted_ = true; }

  /// Whether somebody has asked.
  [[nodiscard]] bool was_asked() const { return asked_at_.load() != StreamClock::time_point{}; }

 private:
  std::function<bool()> asked_;
  std::atomic<StreamClock::time_point> asked_at_{StreamClock::time_point{}};
  std::atomic<bool> unwanted_ = false;
};

}  // namespace haloedge

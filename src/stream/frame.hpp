#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "core/buffer.hpp"
#include "stream/frame_format.hpp"

namespace haloedge {

using StreamClock = std::chrono::steady_clock;

/// A frame as it came, in memory that is used again for others.
struct Frame {
  explicit Frame(const FrameFormat& format) : pixels(format.frame_bytes()) { parameters.reserve(longest_usual); }

  /// Longer parameters take their memory when they come.
  static constexpr std::size_t longest_usual = 256;

  std::int64_t number = 0;          ///< of the stream's frames, the first is 0
  StreamClock::time_point arrived;  ///< when all of it had been read
  std::string parameters;           ///< what stands behind its magic word
  Buffer pixels;
};

}  // namespace haloedge

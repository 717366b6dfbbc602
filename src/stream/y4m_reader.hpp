#pragma once

#include <cstdint>
#include <string>

#include "stream/byte_input.hpp"
#include "stream/frame.hpp"
#include "stream/y4m_header.hpp"

namespace haloedge {

/// The command line that makes such a stream of `from`, for people who gave something else.
[[nodiscard]] std::string ffmpeg_command(const std::string& from);

/// Reads a YUV4MPEG2 stream. For one thread.
class Y4mReader {
 public:
  /// Reads the first line. Throws Error, with the ffmpeg command that makes such a stream, if the input is none;
  /// Stopped if it was asked to end before.
  explicit Y4mReader(ByteInput& input);

  [[nodiscard]] const Y4mHeader& header() const { return header_; }

  /// Reads the next frame; false when there are no more, because the input is at its end, was asked to end, is damaged,
  /// or cannot be read any further.
  [[nodiscard]] bool read(Frame& frame);

  /// Frames that were read as a whole.
  [[nodiscard]] std::int64_t frames() const { return frames_; }
  /// What is wrong with the input, in words: it ends within a frame, something else stands where one should
  /// begin, or the system does not give more of it. Empty: nothing.
  [[nodiscard]] const std::string& damage() const { return damage_; }

 private:
  [[nodiscard]] bool read_frame_line(std::string& parameters);

  ByteInput& input_;
  Y4mHeader header_;
  std::int64_t frames_ = 0;
  std::string damage_;
};

}  // namespace haloedge

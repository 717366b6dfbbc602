#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stream/byte_streams.hpp"
#include "stream/frame.hpp"

namespace haloedge {

/// The first line of a YUV4MPEG2 stream, see yuv4mpeg(5) of mjpegtools: size, frame rate, interlacing, pixel aspect,
/// chroma sampling and extensions.
struct Y4mHeader {
  FrameFormat format;
  std::vector<std::string> fields;  ///< as they were read, in their order, without the word YUV4MPEG2

  /// Frames a second; 0 if the stream does not say.
  [[nodiscard]] double frame_rate() const;
  /// True if luma goes from 0 to full scale, false if it goes from 16 to 235 of 255.
  [[nodiscard]] bool full_range() const;
  /// Returns the field that begins with `tag`, without the tag; empty if there is none.
  [[nodiscard]] std::string field(std::string_view tag) const;
  /// Replaces the field that begins with `tag` by "<tag><value>", or appends it.
  void set_field(std::string_view tag, const std::string& value);
  /// The whole line, without its end.
  [[nodiscard]] std::string line() const;
};

/// The longest line of a stream, in bytes. The reader treats longer lines as damage.
inline constexpr std::size_t longest_y4m_line = 4096;

/// Parses the first line, given without its end. Throws Error, which says what is wrong with which field; the caller
/// must add the name of the file.
[[nodiscard]] Y4mHeader parse_y4m_header(std::string_view line);

/// The command line that converts the video `from` to a stream that haloedge reads, for error messages.
[[nodiscard]] std::string ffmpeg_command(const std::string& from);

/// Reads a YUV4MPEG2 stream. Not thread-safe.
class Y4mReader {
 public:
  /// Reads the first line. Throws Error, with the ffmpeg command that makes a YUV4MPEG2 stream, if the input is not
  /// one; Stopped if the input was stopped before that.
  explicit Y4mReader(ByteInput& input);

  [[nodiscard]] const Y4mHeader& header() const { return header_; }

  /// Reads the next frame. Returns false if there is none: the input is at its end, was stopped, is damaged, or cannot
  /// be read any further.
  [[nodiscard]] bool read(Frame& frame);

  /// The number of frames that were read as a whole.
  [[nodiscard]] std::int64_t frames() const { return frames_; }
  /// Says what is wrong with the input: it ends within a frame, contains something else where a frame should begin, or
  /// cannot be read any further. Empty if nothing is wrong.
  [[nodiscard]] const std::string& damage() const { return damage_; }

 private:
  [[nodiscard]] bool read_frame_line(std::string& parameters);

  ByteInput& input_;
  Y4mHeader header_;
  std::int64_t frames_ = 0;
  std::string damage_;
};

/// Writes a YUV4MPEG2 stream. Its functions return false and throw as ByteOutput::write() does. Not
/// thread-safe.
class Y4mWriter {
 public:
  explicit Y4mWriter(ByteOutput& output) : output_(output) { line_.reserve(longest_y4m_line); }

  [[nodiscard]] bool write_header(const Y4mHeader& header);
  /// `parameters` is the text after the word FRAME; `pixels` are the frame's planes.
  [[nodiscard]] bool write_frame(const std::string& parameters, std::span<const std::byte> pixels);

 private:
  ByteOutput& output_;
  std::string line_;
};

}  // namespace haloedge

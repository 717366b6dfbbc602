#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace haloedge {

/// The size and kind of a YUV4MPEG2 stream's frames, determined without the program's own reader.
struct VideoShape {
  std::string kind;  ///< the text after C: mono, 420jpeg, 422p10, ...
  std::size_t width = 0;
  std::size_t height = 0;

  [[nodiscard]] int bits() const;
  [[nodiscard]] std::size_t sample_bytes() const { return bits() > 8 ? 2 : 1; }
  [[nodiscard]] std::size_t luma_bytes() const { return width * height * sample_bytes(); }
  /// Returns the bytes of both planes.
  [[nodiscard]] std::size_t chroma_bytes() const;
};

struct VideoFrame {
  std::string parameters;  ///< the text after FRAME, with its space
  std::string luma;
  std::string chroma;  ///< both planes
  double arrived = 0;  ///< the time at which its last byte had arrived, in seconds of a steady clock
};

struct Video {
  std::string header;  ///< the first line
  VideoShape shape;
  std::vector<VideoFrame> frames;
  std::string wrong;  ///< why there are no more frames; empty if the stream ends after a whole frame
};

/// Returns a video of discs that move over ramps and noise, from black to full scale; each frame differs from all
/// others. The header has fields of all kinds, and some frames have parameters.
[[nodiscard]] Video make_video(const VideoShape& shape, int count);
void write_video(const Video& video, const std::filesystem::path& path);
[[nodiscard]] Video read_video(const std::filesystem::path& path);

/// Reads a stream while it arrives.
class VideoReader {
 public:
  /// The caller closes the descriptor. Reads the first line; wrong() says so if there is none.
  explicit VideoReader(int descriptor);

  [[nodiscard]] const std::string& header() const { return header_; }
  [[nodiscard]] const VideoShape& shape() const { return shape_; }
  /// Reads the next frame. Returns false at the end.
  [[nodiscard]] bool read(VideoFrame& frame);
  /// Returns why there are no more frames, as Video::wrong does.
  [[nodiscard]] const std::string& wrong() const { return wrong_; }

 private:
  /// Reads `count` bytes. Returns false if there are fewer; wrong() then says so.
  bool fill(std::string& bytes, std::size_t count);
  bool read_line(std::string& line);

  int descriptor_;
  std::string header_;
  VideoShape shape_;
  std::string wrong_;
};

}  // namespace haloedge

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "stream/frame_format.hpp"

namespace haloedge {

/// The first line of a YUV4MPEG2 stream (yuv4mpeg(5) of mjpegtools): size, frame rate, interlacing, shape of a pixel,
/// sampling of chroma, and extensions.
struct Y4mHeader {
  FrameFormat format;
  std::vector<std::string> fields;  ///< as they came, in their order, without the magic word

  /// Frames a second; 0 if the stream does not say.
  [[nodiscard]] double frame_rate() const;
  /// Luma goes from 0 to full scale, rather than from 16 to 235 of 255.
  [[nodiscard]] bool full_range() const;
  /// The field that begins with `tag`, without it; empty if there is none.
  [[nodiscard]] std::string field(std::string_view tag) const;
  /// Puts "<tag><value>" in the place of the field that begins with `tag`, or at the end.
  void set_field(std::string_view tag, const std::string& value);
  /// With the magic word, without the end of line.
  [[nodiscard]] std::string line() const;
};

inline constexpr std::string_view y4m_magic = "YUV4MPEG2";
inline constexpr std::string_view y4m_frame_magic = "FRAME";
/// Longer lines are not believed.
inline constexpr std::size_t longest_y4m_line = 4096;

/// `line` is without its end. Throws Error, saying what is wrong with which field, but not of which file.
[[nodiscard]] Y4mHeader parse_y4m_header(std::string_view line);

}  // namespace haloedge

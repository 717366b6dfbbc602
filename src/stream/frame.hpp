#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "core/arithmetic.hpp"
#include "core/buffer.hpp"
#include "stream/samples.hpp"

namespace haloedge {

/// The form of a frame of raw video: a plane of luma and, unless it is mono, two planes of chroma, one after the other.
/// Each plane is stored row by row without padding.
struct FrameFormat {
  std::int64_t width = 0;  ///< width of luma, in samples
  std::int64_t height = 0;
  int bits = 8;  ///< bits of a sample; up to 16
  bool has_chroma = true;
  // One sample of chroma stands for 2^chroma_shift_x columns and 2^chroma_shift_y rows of luma.
  int chroma_shift_x = 1;
  int chroma_shift_y = 1;

  [[nodiscard]] constexpr std::int64_t sample_bytes() const { return bits > 8 ? 2 : 1; }
  [[nodiscard]] constexpr std::uint32_t full_scale() const { return haloedge::full_scale(bits); }

  // The size of one plane of chroma, rounded up, in samples.
  [[nodiscard]] constexpr std::int64_t chroma_width() const {
    return has_chroma ? divide_up(width, 1 << chroma_shift_x) : 0;
  }
  [[nodiscard]] constexpr std::int64_t chroma_height() const {
    return has_chroma ? divide_up(height, 1 << chroma_shift_y) : 0;
  }

  [[nodiscard]] constexpr std::int64_t luma_bytes() const { return width * height * sample_bytes(); }
  /// The size of one plane of chroma.
  [[nodiscard]] constexpr std::int64_t chroma_bytes() const {
    return chroma_width() * chroma_height() * sample_bytes();
  }
  [[nodiscard]] constexpr std::int64_t frame_bytes() const { return luma_bytes() + 2 * chroma_bytes(); }
};

using StreamClock = std::chrono::steady_clock;

/// A frame as it was read. Its memory is reused for later frames.
struct Frame {
  explicit Frame(const FrameFormat& format) : pixels(format.frame_bytes()) { parameters.reserve(usual_parameters); }

  /// Longer parameters than this allocate memory when they are read.
  static constexpr std::size_t usual_parameters = 256;

  std::int64_t number = 0;          ///< position in the stream; the first frame is 0
  StreamClock::time_point arrived;  ///< when the whole frame had been read
  std::string parameters;           ///< the text behind the word FRAME in its line
  Buffer pixels;
};

/// A frame on its way through the filters: as it was read, its edges, and the frame to write.
struct FrameWork {
  FrameWork(const FrameFormat& format, const FrameFormat& painted_format)
      : frame(format), edges(format.luma_bytes()), painted(painted_format.frame_bytes()) {}

  Frame frame;
  Buffer edges;
  Buffer painted;
};

}  // namespace haloedge

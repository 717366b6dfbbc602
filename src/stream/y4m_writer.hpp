#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "stream/byte_output.hpp"
#include "stream/y4m_header.hpp"

namespace haloedge {

/// Writes a YUV4MPEG2 stream. Its functions are false as those of ByteOutput are, and throw what they throw. For one
/// thread.
class Y4mWriter {
 public:
  explicit Y4mWriter(ByteOutput& output) : output_(output) { line_.reserve(longest_y4m_line); }

  [[nodiscard]] bool write_header(const Y4mHeader& header);
  /// `parameters` stand behind the frame's magic word; `pixels` are its planes.
  [[nodiscard]] bool write_frame(const std::string& parameters, std::span<const std::byte> pixels);

 private:
  ByteOutput& output_;
  std::string line_;
};

}  // namespace haloedge

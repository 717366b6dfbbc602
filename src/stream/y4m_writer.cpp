#include "stream/y4m_writer.hpp"

namespace haloedge {

bool Y4mWriter::write_header(const Y4mHeader& header) {
  line_ = header.line() + '\n';
  return output_.write(std::as_bytes(std::span(line_)), {});
}

bool Y4mWriter::write_frame(const std::string& parameters, std::span<const std::byte> pixels) {
  line_ = y4m_frame_magic;
  line_ += parameters;
  line_ += '\n';
  return output_.write(std::as_bytes(std::span(line_)), pixels);
}

}  // namespace haloedge

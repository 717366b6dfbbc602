#include "stream/y4m_reader.hpp"

#include <array>
#include <span>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/number_text.hpp"

namespace haloedge {

namespace {

std::span<std::byte> bytes_of(std::span<char> text) { return std::as_writable_bytes(text); }

/// Appends bytes up to the end of the line, which is taken and left out; false if there is none within the limit.
bool read_line_end(ByteInput& input, std::string& line) {
  while (line.size() < longest_y4m_line) {
    char next = 0;
    if (input.read(bytes_of({&next, 1})) == 0) return false;
    if (next == '\n') return true;
    line += next;
  }
  return false;
}

Error not_y4m(const ByteInput& input, const char* what) {
  const std::string from = input.is_standard_input() ? "INPUT" : input.name();
  return Error(fmt::format("{}: {}: make it with  {}", input.name(), what, ffmpeg_command(from)));
}

Y4mHeader read_header(ByteInput& input) {
  std::string line(y4m_magic.size(), '\0');
  const std::size_t got = input.read(bytes_of(line));
  const bool is_y4m = line == y4m_magic && read_line_end(input, line);
  if (input.was_ended()) throw Stopped(fmt::format("{}: stopped before the stream began", input.name()));
  if (!is_y4m) throw not_y4m(input, got == 0 ? "is empty, and no YUV4MPEG2 stream" : "is no YUV4MPEG2 stream");
  try {
    return parse_y4m_header(line);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", input.name(), error.what()));
  }
}

}  // namespace

std::string ffmpeg_command(const std::string& from) {
  return fmt::format("ffmpeg -i {} -f yuv4mpegpipe -pix_fmt yuv420p - | haloedge stream", from);
}

Y4mReader::Y4mReader(ByteInput& input) : input_(input), header_(read_header(input)) {}

bool Y4mReader::read_frame_line(std::string& parameters) {
  // Most lines are this long: one call then reads them.
  std::array<char, y4m_frame_magic.size() + 1> begin{};
  const std::size_t got = input_.read(bytes_of(begin));
  if (input_.was_ended() || got == 0) return false;
  const std::string_view line(begin.data(), got);
  parameters.clear();
  const bool is_frame = got == begin.size() && line.starts_with(y4m_frame_magic);
  if (is_frame && line.back() == '\n') return true;
  bool is_cut = y4m_frame_magic.starts_with(line);
  if (is_frame && line.back() == ' ') {
    parameters += line.back();
    if (read_line_end(input_, parameters)) return true;
    is_cut = parameters.size() < longest_y4m_line;
  }
  if (input_.was_ended()) return false;
  damage_ = fmt::format("{}: {} where frame {} should begin", input_.name(),
                        is_cut ? "ends within the line" : "something else than a frame stands", frames_);
  return false;
}

bool Y4mReader::read(Frame& frame) try {
  if (!damage_.empty() || !read_frame_line(frame.parameters)) return false;
  const std::size_t got = input_.read(frame.pixels.span());
  if (got < frame.pixels.span().size()) {
    if (!input_.was_ended()) {
      damage_ = fmt::format("{}: ends within frame {}, after {} of its {} bytes", input_.name(), frames_,
                            count_text(static_cast<std::int64_t>(got)), count_text(frame.pixels.size()));
    }
    return false;
  }
  frame.number = frames_++;
  frame.arrived = StreamClock::now();
  return true;
} catch (const Error& error) {
  damage_ = error.what();
  return false;
}

}  // namespace haloedge

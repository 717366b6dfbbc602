#include "stream/y4m.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

#include "core/encoding.hpp"
#include "core/error.hpp"
#include "core/number_text.hpp"

namespace haloedge {

namespace {

constexpr std::string_view magic = "YUV4MPEG2";
constexpr std::string_view frame_magic = "FRAME";
constexpr std::int64_t largest_side = 1 << 20;
constexpr std::string_view range_tag = "XCOLORRANGE=";

struct Sampling {
  std::string_view name;
  bool has_chroma;
  int shift_x;
  int shift_y;
  bool may_be_deep = false;
};

// The position of chroma between the samples of luma (jpeg, mpeg2, paldv) does not change what is done here.
constexpr std::array<Sampling, 8> samplings{{{"420jpeg", true, 1, 1},
                                             {"420mpeg2", true, 1, 1},
                                             {"420paldv", true, 1, 1},
                                             {"420", true, 1, 1, true},
                                             {"411", true, 2, 0},
                                             {"422", true, 1, 0, true},
                                             {"444", true, 0, 0, true},
                                             {"mono", false, 0, 0, true}}};

/// The first field that begins with `tag`.
auto find_field(auto& fields, std::string_view tag) {
  return std::ranges::find_if(fields, [tag](const std::string& field) { return field.starts_with(tag); });
}

/// Reads the width or the height of the frames from the field `tag`. `what` is its name in errors.
std::int64_t side(const Y4mHeader& header, std::string_view tag, const char* what) {
  const std::string text = header.field(tag);
  if (text.empty()) throw Error(fmt::format("the first line does not give the {} of the frames ({}...)", what, tag));
  const auto number = parse_number<std::int64_t>(text);
  if (!number || *number < 1 || *number > largest_side) {
    throw Error(
        fmt::format("{}{}: the frames' {} must be a number from 1 to {}", tag, printable(text), what, largest_side));
  }
  return *number;
}

/// Throws Error for repeated fields: programs differ in which one they use.
void refuse_repeated(const Y4mHeader& header) {
  for (const char tag : {'W', 'H', 'C'}) {
    const auto count = std::ranges::count(header.fields, tag, [](const std::string& field) { return field[0]; });
    if (count > 1) throw Error(fmt::format("the first line has the field {}... more than once", tag));
  }
}

/// The name of the chroma sampling. Older programs write it in an extension, in capitals.
std::string sampling_name(const Y4mHeader& header) {
  std::string name = header.field("C");
  if (!name.empty()) return name;
  name = header.field("XYSCSS=");
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

void read_sampling(std::string_view text, FrameFormat& format) {
  const auto take = [&](const Sampling& sampling, int bits) {
    format.bits = bits;
    format.has_chroma = sampling.has_chroma;
    format.chroma_shift_x = sampling.shift_x;
    format.chroma_shift_y = sampling.shift_y;
  };
  if (text.empty()) return take(samplings.front(), 8);
  for (const Sampling& sampling : samplings) {
    if (text == sampling.name) return take(sampling, 8);
    if (!sampling.may_be_deep) continue;
    // "420p10" is 420 with 10 bits, and "mono16" is mono with 16 bits.
    for (const int bits : {9, 10, 12, 14, 16}) {
      if (text == fmt::format("{}{}{}", sampling.name, sampling.has_chroma ? "p" : "", bits)) {
        return take(sampling, bits);
      }
    }
  }
  throw Error(
      fmt::format("C{}: frames of this kind are not supported; haloedge reads mono, 420, 422 and 444 with 8 to 16 "
                  "bits, and 411 with 8 bits: convert them with ffmpeg and  -pix_fmt yuv420p",
                  printable(text)));
}

std::span<std::byte> bytes_of(std::span<char> text) { return std::as_writable_bytes(text); }

/// Appends the rest of a line and reads past its end. Returns false if the line does not end within the limit.
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
  return Error(fmt::format("{}: {}: make one with  {}", input.name(), what, ffmpeg_command(from)));
}

Y4mHeader read_header(ByteInput& input) {
  std::string line(magic.size(), '\0');
  const std::size_t got = input.read(bytes_of(line));
  const bool is_y4m = line == magic && read_line_end(input, line);
  if (input.was_ended()) throw Stopped(fmt::format("{}: stopped before the stream began", input.name()));
  if (!is_y4m) throw not_y4m(input, got == 0 ? "is empty, and not a YUV4MPEG2 stream" : "is not a YUV4MPEG2 stream");
  try {
    return parse_y4m_header(line);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", input.name(), error.what()));
  }
}

}  // namespace

double Y4mHeader::frame_rate() const {
  const std::string text = field("F");
  const auto colon = text.find(':');
  if (colon == std::string::npos) return 0;
  const auto frames = parse_number<std::int64_t>(text.substr(0, colon));
  const auto seconds = parse_number<std::int64_t>(text.substr(colon + 1));
  if (!frames || !seconds || *frames <= 0 || *seconds <= 0) return 0;
  return static_cast<double>(*frames) / static_cast<double>(*seconds);
}

bool Y4mHeader::full_range() const { return field(range_tag) == "FULL"; }

std::string Y4mHeader::field(std::string_view tag) const {
  const auto found = find_field(fields, tag);
  return found == fields.end() ? std::string() : found->substr(tag.size());
}

void Y4mHeader::set_field(std::string_view tag, const std::string& value) {
  const auto found = find_field(fields, tag);
  std::string& to = found == fields.end() ? fields.emplace_back() : *found;
  to = std::string(tag) + value;
}

std::string Y4mHeader::line() const {
  std::string text(magic);
  for (const std::string& field : fields) text += ' ' + field;
  return text;
}

Y4mHeader parse_y4m_header(std::string_view line) {
  if (!line.starts_with(magic) || (line.size() > magic.size() && line[magic.size()] != ' ')) {
    throw Error("is not YUV4MPEG2");
  }
  Y4mHeader header;
  for (std::size_t at = magic.size(); at < line.size();) {
    const std::size_t end = std::min(line.find(' ', at), line.size());
    if (end > at) header.fields.emplace_back(line.substr(at, end - at));
    at = end + 1;
  }
  refuse_repeated(header);
  header.format.width = side(header, "W", "width");
  header.format.height = side(header, "H", "height");
  read_sampling(sampling_name(header), header.format);
  return header;
}

std::string ffmpeg_command(const std::string& from) {
  return fmt::format("ffmpeg -i {} -f yuv4mpegpipe -pix_fmt yuv420p - | haloedge stream", from);
}

Y4mReader::Y4mReader(ByteInput& input) : input_(input), header_(read_header(input)) {}

bool Y4mReader::read_frame_line(std::string& parameters) {
  // Most lines are this long, so that one call reads them.
  std::array<char, frame_magic.size() + 1> begin{};
  const std::size_t got = input_.read(bytes_of(begin));
  if (input_.was_ended() || got == 0) return false;
  const std::string_view line(begin.data(), got);
  parameters.clear();
  const bool is_frame = got == begin.size() && line.starts_with(frame_magic);
  if (is_frame && line.back() == '\n') return true;
  bool is_cut = frame_magic.starts_with(line);
  if (is_frame && line.back() == ' ') {
    parameters += line.back();
    if (read_line_end(input_, parameters)) return true;
    is_cut = parameters.size() < longest_y4m_line;
  }
  if (input_.was_ended()) return false;
  damage_ = fmt::format("{}: {} where frame {} should begin", input_.name(),
                        is_cut ? "ends within the line" : "contains something other than a frame", frames_);
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

bool Y4mWriter::write_header(const Y4mHeader& header) {
  line_ = header.line() + '\n';
  return output_.write(std::as_bytes(std::span(line_)), {});
}

bool Y4mWriter::write_frame(const std::string& parameters, std::span<const std::byte> pixels) {
  line_ = frame_magic;
  line_ += parameters;
  line_ += '\n';
  return output_.write(std::as_bytes(std::span(line_)), pixels);
}

}  // namespace haloedge

#include "stream_frames.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace haloedge {

namespace {

/// Returns the numbers of columns and rows of luma that share a sample of chroma; 0 if there is no chroma.
std::pair<std::size_t, std::size_t> chroma_shares(const std::string& kind) {
  if (kind.starts_with("mono")) return {0, 0};
  if (kind.starts_with("420")) return {2, 2};
  if (kind.starts_with("411")) return {4, 1};
  if (kind.starts_with("422")) return {2, 1};
  if (kind.starts_with("444")) return {1, 1};
  throw std::runtime_error("no such kind of frames: " + kind);
}

/// Returns a number without any pattern, which is always the same for the same place and time.
std::uint32_t noise(std::size_t place, std::size_t time) {
  auto value = static_cast<std::uint32_t>(place * 2654435761U + time * 40503U + 1);
  value ^= value >> 15;
  value *= 2246822519U;
  return value ^ value >> 13;
}

void append_sample(std::string& plane, std::uint32_t sample, std::size_t bytes) {
  plane += static_cast<char>(sample & 0xFFU);
  if (bytes == 2) plane += static_cast<char>(sample >> 8);
}

VideoFrame make_frame(const VideoShape& shape, std::size_t number) {
  VideoFrame frame;
  const std::uint32_t full_scale = (1U << static_cast<unsigned>(shape.bits())) - 1;
  for (std::size_t y = 0; y < shape.height; ++y) {
    for (std::size_t x = 0; x < shape.width; ++x) {
      const auto dx = static_cast<double>((x + 5 * number) % 53) - 26;
      const auto dy = static_cast<double>((y + 3 * number) % 41) - 20;
      const double ramp = static_cast<double>((2 * x + 3 * y + 7 * number) % 200) / 250;
      const double bright = dx * dx + dy * dy < 150 ? 1.0 : ramp;
      // Some frames have far more edges than others.
      const double rough = static_cast<double>(noise(y * shape.width + x, number) % 1024) / 1024;
      const double value = std::clamp(bright + 0.1 * static_cast<double>(number % 4) * (rough - 0.5), 0.0, 1.0);
      append_sample(frame.luma, static_cast<std::uint32_t>(value * full_scale), shape.sample_bytes());
    }
  }
  for (std::size_t i = 0; i < shape.chroma_bytes() / shape.sample_bytes(); ++i) {
    append_sample(frame.chroma, noise(i, number) & full_scale, shape.sample_bytes());
  }
  if (number % 3 == 1) frame.parameters = fmt::format(" Itpp XN={}", number);
  return frame;
}

VideoShape shape_of(const std::string& header) {
  VideoShape shape{.kind = "420jpeg"};
  std::istringstream fields(header);
  for (std::string field; fields >> field;) {
    if (field[0] == 'W') shape.width = std::stoul(field.substr(1));
    if (field[0] == 'H') shape.height = std::stoul(field.substr(1));
    if (field[0] == 'C') shape.kind = field.substr(1);
  }
  return shape;
}

}  // namespace

int VideoShape::bits() const {
  if (kind.starts_with("mono")) return kind == "mono" ? 8 : std::stoi(kind.substr(4));
  const std::size_t depth = kind.find('p', 3);
  return depth != 3 || kind == "420paldv" ? 8 : std::stoi(kind.substr(depth + 1));
}

std::size_t VideoShape::chroma_bytes() const {
  const auto [x, y] = chroma_shares(kind);
  return x == 0 ? 0 : 2 * ((width + x - 1) / x) * ((height + y - 1) / y) * sample_bytes();
}

Video make_video(const VideoShape& shape, int count) {
  Video video{.header = fmt::format("YUV4MPEG2 W{} H{} F30000:1001 It A128:117 C{} XYSCSS=ANY XCOLORRANGE=LIMITED",
                                    shape.width, shape.height, shape.kind),
              .shape = shape};
  for (int i = 0; i < count; ++i) video.frames.push_back(make_frame(shape, static_cast<std::size_t>(i)));
  return video;
}

void write_video(const Video& video, const std::filesystem::path& path) {
  std::ofstream file(path, std::ios::binary);
  file << video.header << '\n';
  for (const VideoFrame& frame : video.frames)
    file << "FRAME" << frame.parameters << '\n' << frame.luma << frame.chroma;
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

Video read_video(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return {.wrong = "cannot open " + path.string()};
  VideoReader reader(descriptor);
  Video video{.header = reader.header(), .shape = reader.shape()};
  for (VideoFrame frame; reader.read(frame);) video.frames.push_back(frame);
  video.wrong = reader.wrong();
  ::close(descriptor);
  return video;
}

VideoReader::VideoReader(int descriptor) : descriptor_(descriptor) {
  if (!read_line(header_) || !header_.starts_with("YUV4MPEG2 ")) {
    wrong_ = "there is no first line";
    return;
  }
  shape_ = shape_of(header_);
}

bool VideoReader::fill(std::string& bytes, std::size_t count) {
  bytes.resize(count);
  std::size_t done = 0;
  while (done < count) {
    const ssize_t got = ::read(descriptor_, bytes.data() + done, count - done);
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  if (done < count) wrong_ = fmt::format("{} bytes where {} should be", done, count);
  return done == count;
}

bool VideoReader::read_line(std::string& line) {
  line.clear();
  for (char next = 0; ::read(descriptor_, &next, 1) == 1; line += next) {
    if (next == '\n') return true;
  }
  return false;
}

bool VideoReader::read(VideoFrame& frame) {
  if (!wrong_.empty()) return false;
  std::string line;
  if (!read_line(line)) {
    if (!line.empty()) wrong_ = "it ends within the line of a frame";
    return false;
  }
  if (!line.starts_with("FRAME")) {
    wrong_ = "something else than a frame";
    return false;
  }
  frame.parameters = line.substr(5);
  if (!fill(frame.luma, shape_.luma_bytes()) || !fill(frame.chroma, shape_.chroma_bytes())) return false;
  frame.arrived = std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  return true;
}

}  // namespace haloedge

#include "stream_fixture.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "allocations.hpp"

namespace haloedge {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view frame_magic = "FRAME X";

/// Returns byte i of frame `number`. The first four bytes contain the number.
std::byte pixel(int number, std::int64_t i) {
  return static_cast<std::byte>(i < 4 ? number >> (8 * i) : number * 31 + i * 7);
}

std::byte edge(int number, std::int64_t i) { return pixel(number, i) ^ std::byte{0x5A}; }

int number_of(const std::byte* luma) {
  int number = 0;
  for (int i = 3; i >= 0; --i) number = number * 256 + std::to_integer<int>(luma[i]);
  return number;
}

/// A frame and its edges, cut out of a frame that shows them side by side.
struct Parts {
  Parts(const FrameFormat& format, const std::byte* painted) {
    for (int plane = 0; plane < 3; ++plane) {
      const std::int64_t width = plane == 0 ? format.width : format.chroma_width();
      const std::int64_t height = plane == 0 ? format.height : format.chroma_height();
      for (std::int64_t row = 0; row < height; ++row, painted += 2 * width) {
        frame.insert(frame.end(), painted, painted + width);
        if (plane == 0) edges.insert(edges.end(), painted + width, painted + 2 * width);
      }
    }
  }

  std::vector<std::byte> frame;
  std::vector<std::byte> edges;
};

bool is_all(const std::vector<std::byte>& bytes, const std::function<std::byte(std::int64_t)>& value) {
  for (std::int64_t i = 0; i < std::ssize(bytes); ++i) {
    if (bytes[static_cast<std::size_t>(i)] != value(i)) return false;
  }
  return true;
}

void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t done = ::write(descriptor, text.data(), text.size());
    if (done < 0) return;  // the other end is closed
    text.remove_prefix(static_cast<std::size_t>(done));
  }
}

}  // namespace

std::string stream_header(const FrameFormat& format) {
  return "YUV4MPEG2 W" + std::to_string(format.width) + " H" + std::to_string(format.height) + " F25:1 C420jpeg\n";
}

std::string stream_frame(const FrameFormat& format, int number) {
  std::string text = std::string(frame_magic) + std::to_string(number) + '\n';
  for (std::int64_t i = 0; i < format.frame_bytes(); ++i) text += std::to_integer<char>(pixel(number, i));
  return text;
}

std::string whole_stream(const FrameFormat& format, int frames) {
  std::string text = stream_header(format);
  for (int i = 0; i < frames; ++i) text += stream_frame(format, i);
  return text;
}

std::vector<SeenFrame> seen_frames(const FrameFormat& format, std::string_view output) {
  std::vector<SeenFrame> seen;
  FrameFormat painted = format;
  painted.width *= 2;
  if (output.empty()) return seen;
  EXPECT_EQ(output.substr(0, output.find('\n') + 1), stream_header(painted));
  output.remove_prefix(output.find('\n') + 1);
  const auto bytes = static_cast<std::size_t>(painted.frame_bytes());
  for (;;) {
    const std::size_t line = output.find('\n');
    if (line == std::string_view::npos || output.size() < line + 1 + bytes) return seen;
    const Parts parts(format, std::as_bytes(std::span(output)).data() + line + 1);
    const int number = number_of(parts.frame.data());
    EXPECT_EQ(output.substr(0, line), std::string(frame_magic) + std::to_string(number));
    EXPECT_TRUE(is_all(parts.frame, [&](std::int64_t i) { return pixel(number, i); })) << "frame " << number;
    SeenFrame& frame = seen.emplace_back(SeenFrame{number, std::nullopt});
    if (!is_all(parts.edges, [](std::int64_t) { return std::byte{0}; })) {
      std::array<std::byte, 4> of{};
      for (std::size_t i = 0; i < of.size(); ++i) of[i] = parts.edges[i] ^ std::byte{0x5A};
      frame.edges_of = number_of(of.data());
      EXPECT_TRUE(is_all(parts.edges, [&](std::int64_t i) { return edge(*frame.edges_of, i); })) << "at " << number;
    }
    output.remove_prefix(line + 1 + bytes);
  }
}

void FakeFilter::filter(const std::byte* luma, std::byte* edges) {
  const int number = number_of(luma);
  if (before_) before_(number);
  for (std::int64_t i = 0; i < format_.luma_bytes(); ++i) edges[i] = luma[i] ^ std::byte{0x5A};
}

void make_pipe(const std::filesystem::path& path) {
  if (::mkfifo(path.c_str(), S_IRUSR | S_IWUSR) != 0) throw std::runtime_error("cannot make a named pipe");
}

FrameSource::FrameSource(const std::filesystem::path& pipe, const Plan& plan)
    : thread_([this, pipe, plan](const std::stop_token& stop) {
        const int descriptor = ::open(pipe.c_str(), O_WRONLY | O_CLOEXEC);
        write_all(descriptor, stream_header(plan.format));
        auto due = std::chrono::steady_clock::now();
        for (int i = 0; i < plan.frames && !stop.stop_requested(); ++i) {
          std::this_thread::sleep_until(due += plan.period);
          write_all(descriptor, stream_frame(plan.format, i));
        }
        done_ = true;
        while (plan.stays_open && !stop.stop_requested()) std::this_thread::sleep_for(2ms);
        ::close(descriptor);
      }) {}

OutputDrain::OutputDrain(const std::filesystem::path& pipe, std::size_t max_bytes) {
  const int descriptor = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) throw std::runtime_error("cannot read a named pipe");
  thread_ = std::jthread([this, descriptor, max_bytes](const std::stop_token& stop) {
    std::vector<char> bytes(1 << 16);
    while (text_.size() < max_bytes && !stop.stop_requested()) {
      pollfd ready{.fd = descriptor, .events = POLLIN, .revents = 0};
      if (::poll(&ready, 1, 20) <= 0) continue;
      const ssize_t got = ::read(descriptor, bytes.data(), std::min(bytes.size(), max_bytes - text_.size()));
      if (got == 0) break;
      if (got > 0) text_.append(bytes.data(), static_cast<std::size_t>(got));
    }
    ::close(descriptor);
  });
}

std::string OutputDrain::finish() {
  thread_.join();
  return text_;
}

FlowRun::FlowRun(const std::filesystem::path& input, const std::filesystem::path& output, int filters,
                 const std::function<void(int)>& before, std::function<void()> read_hook)
    : read_hook_(std::move(read_hook)),
      input_(input,
             [this] {
               if (read_hook_) read_hook_();
               return stop_.input_should_end();
             }),
      reader_(input_),
      output_(output, [this](StreamClock::duration waited) { return stop_.output_should_give_up(waited); }),
      writer_(output_),
      painter_(reader_.header().format, Show::side, {}, true),
      painted_(reader_.header()) {
  painted_.format = painter_.format();
  painted_.set_field("W", std::to_string(painted_.format.width));
  for (int i = 0; i < filters; ++i) {
    filters_.push_back(std::make_unique<FakeFilter>(reader_.header().format, before));
  }
}

StreamJob FlowRun::job() {
  return {.reader = reader_,
          .writer = writer_,
          .painter = painter_,
          .painted = painted_,
          .filters = std::move(filters_),
          .hud = hud,
          .max_filtered_a_second = max_filtered_a_second,
          .stats = stats_,
          .stop = stop_};
}

std::chrono::nanoseconds FlowRun::measure(const std::function<void()>& flow) {
  const std::int64_t before = allocations();
  const auto begin = std::chrono::steady_clock::now();
  flow();
  allocated_ = allocations() - before;
  const auto took = std::chrono::steady_clock::now() - begin;
  output_.finish();
  return took;
}

std::chrono::nanoseconds FlowRun::run(Policy policy) {
  if (policy == Policy::live) {
    StreamJob all = job();
    return measure([&] { run_live_flow(all); });
  }
  const auto communicator = make_single_communicator();
  return run_over_ranks({}, *communicator);
}

std::chrono::nanoseconds FlowRun::run_over_ranks(const std::vector<int>& remote_filters, Communicator& communicator) {
  StreamJob all = job();
  return measure([&] { run_ordered_flow(all, remote_filters, communicator); });
}

std::string FlowRun::failure(Policy policy) {
  try {
    run(policy);
    return "";
  } catch (const std::exception& error) {
    return error.what();
  }
}

}  // namespace haloedge

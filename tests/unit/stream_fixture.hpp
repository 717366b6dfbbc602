#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "stream/stream_flow.hpp"

namespace haloedge {

/// The format of a stream whose frames contain their numbers. A flow writes these frames of 8 bits, and beside them the
/// edges of the fake filters.
inline const FrameFormat small_frames{.width = 16, .height = 4};
/// A few of these frames fill any pipe.
inline const FrameFormat large_frames{.width = 512, .height = 256};

/// These return the stream's first line, one of its frames, and a stream of several frames, as text.
[[nodiscard]] std::string stream_header(const FrameFormat& format);
[[nodiscard]] std::string stream_frame(const FrameFormat& format, int number);
[[nodiscard]] std::string whole_stream(const FrameFormat& format, int frames);

/// A frame that the flow wrote. It was checked that its pixels are those of one frame, and its edges those of one
/// frame.
struct SeenFrame {
  int number = 0;
  std::optional<int> edges_of;  ///< nothing if there was no annotation yet
};

/// Returns all whole frames. Bytes after the last one are ignored.
[[nodiscard]] std::vector<SeenFrame> seen_frames(const FrameFormat& format, std::string_view output);

/// A filter whose edges contain the frame's number. It first calls `before`, which may wait or throw.
class FakeFilter final : public FrameFilter {
 public:
  FakeFilter(const FrameFormat& format, std::function<void(int)> before)
      : format_(format), before_(std::move(before)) {}
  void filter(const std::byte* luma, std::byte* edges) override;

 private:
  FrameFormat format_;
  std::function<void(int)> before_;
};

void make_pipe(const std::filesystem::path& path);

/// Writes a stream into a named pipe that another thread must open, one frame in each period. It then ends the stream,
/// or keeps it open until the destructor is called.
class FrameSource {
 public:
  struct Plan {
    FrameFormat format = small_frames;
    int frames = 0;
    std::chrono::milliseconds period{0};
    bool stays_open = false;
  };
  FrameSource(const std::filesystem::path& pipe, const Plan& plan);

  /// Returns true when all frames have been written.
  [[nodiscard]] bool is_done() const { return done_; }

 private:
  std::atomic<bool> done_ = false;
  std::jthread thread_;
};

/// Reads a named pipe that others write, from the constructor on.
class OutputDrain {
 public:
  /// Closes the pipe after `max_bytes` bytes.
  explicit OutputDrain(const std::filesystem::path& pipe, std::size_t max_bytes = std::string::npos);
  /// Waits for the end of the pipe. Returns all bytes.
  [[nodiscard]] std::string finish();

 private:
  std::string text_;
  std::jthread thread_;
};

enum class Policy : std::uint8_t { live, ordered };

/// A flow with everything that it needs.
class FlowRun {
 public:
  /// Each filter calls `before` with the number of each frame that it gets. The thread that reads calls `read_hook`.
  FlowRun(const std::filesystem::path& input, const std::filesystem::path& output, int filters,
          const std::function<void(int)>& before, std::function<void()> read_hook = {});

  /// Runs the flow. Returns how long it took.
  std::chrono::nanoseconds run(Policy policy);
  /// Runs the flow over ranks, with the `remote_filters` of run_ordered_flow(). The other ranks must call
  /// serve_frames() meanwhile.
  std::chrono::nanoseconds run_over_ranks(const std::vector<int>& remote_filters, Communicator& communicator);
  /// Runs the flow, which must throw a std::exception. Returns the exception's message.
  [[nodiscard]] std::string failure(Policy policy);

  void ask_to_stop() { asked_ = true; }
  [[nodiscard]] const StreamStop& stop() const { return stop_; }
  [[nodiscard]] StreamStats::Totals totals() const { return stats_.totals(); }
  [[nodiscard]] const Y4mReader& reader() const { return reader_; }
  [[nodiscard]] bool output_is_closed() const { return output_.is_closed(); }
  /// Returns how often operator new was called while the flow ran.
  [[nodiscard]] std::int64_t allocated() const { return allocated_; }

  double max_filtered_a_second = 0;
  bool hud = false;

 private:
  [[nodiscard]] StreamJob job();
  std::chrono::nanoseconds measure(const std::function<void()>& flow);

  std::atomic<bool> asked_ = false;
  StreamStop stop_{[this] { return asked_.load(); }};
  std::function<void()> read_hook_;
  ByteInput input_;
  Y4mReader reader_;
  ByteOutput output_;
  Y4mWriter writer_;
  Painter painter_;
  Y4mHeader painted_;
  StreamStats stats_;
  std::vector<std::unique_ptr<FrameFilter>> filters_;
  std::int64_t allocated_ = 0;
};

}  // namespace haloedge

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

#include "stream/live_flow.hpp"
#include "stream/ordered_flow.hpp"

namespace haloedge {

/// A stream whose frames tell their numbers by their pixels, and what a flow makes of it: frames of 8 bits, beside them
/// the edges of the fake filters.
inline const FrameFormat small_frames{.width = 16, .height = 4};
/// A few of them fill any pipe.
inline const FrameFormat large_frames{.width = 512, .height = 256};

/// The stream's first line and some of its frames, as text.
[[nodiscard]] std::string stream_header(const FrameFormat& format);
[[nodiscard]] std::string stream_frame(const FrameFormat& format, int number);
[[nodiscard]] std::string whole_stream(const FrameFormat& format, int frames);

/// What the flow wrote of a frame, which is checked to be one frame's pixels and one's edges.
struct SeenFrame {
  int number = 0;
  std::optional<int> edges_of;  ///< none: no annotation yet
};

/// All whole frames; what is behind the last one is left.
[[nodiscard]] std::vector<SeenFrame> seen_frames(const FrameFormat& format, std::string_view output);

/// Its edges tell the frame's number; `before` may wait, or throw.
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

/// Writes a stream into a named pipe, which somebody must open: a frame now and then. Then ends it, or keeps it open
/// until this goes.
class FrameSource {
 public:
  struct Plan {
    FrameFormat format = small_frames;
    int frames = 0;
    std::chrono::milliseconds period{0};
    bool stays_open = false;
  };
  FrameSource(const std::filesystem::path& pipe, const Plan& plan);

  /// Nothing as long as not all is written.
  [[nodiscard]] bool is_done() const { return done_; }

 private:
  std::atomic<bool> done_ = false;
  std::jthread thread_;
};

/// Reads a named pipe as others write it, from when this is made.
class OutputDrain {
 public:
  /// Closes it after that many bytes.
  explicit OutputDrain(const std::filesystem::path& pipe, std::size_t most_bytes = std::string::npos);
  /// All there was, once the pipe is at its end.
  [[nodiscard]] std::string finish();

 private:
  std::string text_;
  std::jthread thread_;
};

enum class Policy : std::uint8_t { live, ordered };

/// All that one flow needs.
class FlowRun {
 public:
  /// Each frame is told to `before` by the filter that gets it. `read_hook` is called by the thread that reads.
  FlowRun(const std::filesystem::path& input, const std::filesystem::path& output, int filters,
          const std::function<void(int)>& before, std::function<void()> read_hook = {});

  /// Runs the flow; how long it took.
  std::chrono::nanoseconds run(Policy policy);
  /// The same, over ranks: as OrderedFlow has it. The others must serve_frames() meanwhile.
  std::chrono::nanoseconds run_over_ranks(const std::vector<int>& remote_filters, Communicator& communicator);
  /// The same, but it must throw a std::exception: what it says.
  [[nodiscard]] std::string failure(Policy policy);

  void ask_to_stop() { asked_ = true; }
  [[nodiscard]] const StreamStop& stop() const { return stop_; }
  [[nodiscard]] StreamStats::Totals totals() const { return stats_.totals(); }
  [[nodiscard]] const Y4mReader& reader() const { return reader_; }
  [[nodiscard]] bool output_is_closed() const { return output_.is_closed(); }
  /// How often operator new was called while the flow ran.
  [[nodiscard]] std::int64_t allocated() const { return allocated_; }

  double most_filtered_a_second = 0;
  bool hud = false;

 private:
  [[nodiscard]] StreamJob job();
  template <class Flow>
  std::chrono::nanoseconds measure(Flow& flow);

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

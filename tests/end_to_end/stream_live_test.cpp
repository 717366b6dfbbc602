// Tests that a live source of 30 frames a second is never slowed, neither by a filter whose rate is limited nor by one
// that is too slow.
#include <algorithm>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <set>

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "piped_process.hpp"
#include "stream_frames.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

constexpr double source_rate = 30;
constexpr std::size_t frame_count = 240;
constexpr std::size_t width = 1280;
constexpr std::size_t height = 720;

std::size_t hash_of(const std::string& plane) { return std::hash<std::string>{}(plane); }

/// Returns the command that makes the clip. It pans over photographs if there are any; otherwise it is ffmpeg's own
/// moving picture.
std::string clip_command(const std::filesystem::path& clip) {
  namespace fs = std::filesystem;
  std::vector<std::string> photos;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator("/usr/share/backgrounds", none)) {
    if (entry.path().extension() == ".jpg") photos.push_back(entry.path().string());
  }
  std::sort(photos.begin(), photos.end());
  const std::string size = fmt::format("{}x{}", width, height);
  const std::string out = fmt::format("-frames:v {} {}", frame_count, clip.string());
  if (photos.size() < 2)
    return fmt::format("ffmpeg -v error -f lavfi -i mandelbrot=s={}:r=30 -pix_fmt yuv420p {}", size, out);
  return fmt::format(
      "ffmpeg -v error -i {0} -i {1} -filter_complex \""
      "[0]scale=1600:900,setsar=1,zoompan=z='1+0.003*on':d=120:s={2}:fps=30[a];"
      "[1]scale=1600:900,setsar=1,zoompan=z='1.3-0.002*on':x='on':y='on/2':d=120:s={2}:fps=30[b];"
      "[a][b]concat,format=yuv420p\" {3}",
      photos[0], photos[1], size, out);
}

/// The properties of an output frame that the tests compare.
struct Seen {
  std::size_t left = 0;   ///< hash of the frame's luma
  std::size_t right = 0;  ///< hash of its edges' luma
  double arrived = 0;
};

struct LiveRun {  // NOLINT(bugprone-exception-escape): no value of JSON throws when it is moved
  RunResult program;
  std::string wrong;
  std::vector<Seen> frames;
  nlohmann::json report;

  /// Returns the frames a second between the arrivals of the first and the last frame.
  [[nodiscard]] double rate() const {
    return static_cast<double>(frames.size() - 1) / (frames.back().arrived - frames.front().arrived);
  }
};

class StreamLive : public testing::Test {
 protected:
  void SetUp() override {
    if (!have_tool("ffmpeg")) GTEST_SKIP() << "ffmpeg is not installed";
    const RunResult made = run_shell(clip_command(scratch_ / "clip.y4m"));
    ASSERT_EQ(made.exit_code, 0) << made.err;
  }

  /// Returns the hashes of all frames' luma.
  [[nodiscard]] static std::vector<std::size_t> hashes(const std::filesystem::path& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    VideoReader reader(file.number());
    std::vector<std::size_t> all;
    for (VideoFrame frame; reader.read(frame);) all.push_back(hash_of(frame.luma));
    EXPECT_EQ(reader.wrong(), "");
    return all;
  }

  /// Computes the hashes of the clip's frames, and for each edge map the number of its frame.
  void know_answers(const std::string& filter) {
    frames_ = hashes(scratch_ / "clip.y4m");
    ASSERT_EQ(frames_.size(), frame_count);
    const std::string edges = (scratch_ / "edges.y4m").string();
    const RunResult run = run_haloedge(fmt::format("stream {} -o {} --policy all --show edges -q {}",
                                                   (scratch_ / "clip.y4m").string(), edges, filter));
    ASSERT_EQ(run.exit_code, 0) << run.err;
    for (const std::size_t hash : hashes(edges)) frame_of_.emplace(hash, frame_of_.size());
    ASSERT_EQ(frame_of_.size(), frame_count) << "frames of the same edges cannot be told apart";
    std::filesystem::remove(edges);
  }

  [[nodiscard]] LiveRun run_live(const std::string& options) const {
    Pipe into;
    Pipe out_of;
    const std::string report = (scratch_ / "r.json").string();
    PipedProcess source(
        fmt::format("ffmpeg -nostdin -v error -re -i {} -f yuv4mpegpipe -", (scratch_ / "clip.y4m").string()), -1,
        into.write_end.number());
    PipedProcess program(haloedge_command(fmt::format("stream --show side --report {} {}", report, options), 0),
                         into.read_end.number(), out_of.write_end.number());
    into.read_end.close();
    into.write_end.close();
    out_of.write_end.close();
    LiveRun live;
    VideoReader reader(out_of.read_end.number());
    for (VideoFrame frame; reader.read(frame);) live.frames.push_back(see(frame));
    live.wrong = reader.wrong();
    live.program = program.wait(10);
    live.report = nlohmann::json::parse(file_content(report), nullptr, false);
    EXPECT_EQ(source.wait(10).err, "");
    return live;
  }

  [[nodiscard]] static Seen see(const VideoFrame& frame) {
    std::string left;
    std::string right;
    for (std::size_t row = 0; row < height; ++row) {
      left.append(frame.luma, 2 * row * width, width);
      right.append(frame.luma, (2 * row + 1) * width, width);
    }
    return {hash_of(left), hash_of(right), frame.arrived};
  }

  /// The edge maps that were shown: their number, and the most frames by which one was behind the frame beside it.
  struct Shown {
    std::size_t maps = 0;
    std::size_t max_age = 0;
  };

  /// Checks that every frame is there, in order, beside the edges of the same or an earlier frame, and that the edges
  /// never go back.
  [[nodiscard]] Shown expect_all_frames(const LiveRun& live) const {
    EXPECT_EQ(live.program.exit_code, 0) << live.program.err;
    EXPECT_EQ(live.wrong, "");
    EXPECT_EQ(live.frames.size(), frame_count);
    const std::size_t black = hash_of(std::string(width * height, '\0'));
    std::set<std::size_t> shown;
    std::size_t max_age = 0;
    for (std::size_t i = 0; i < std::min(live.frames.size(), frame_count); ++i) {
      EXPECT_EQ(live.frames[i].left, frames_[i]) << "frame " << i;
      if (live.frames[i].right == black && shown.empty()) continue;  // there are no edges yet
      const auto found = frame_of_.find(live.frames[i].right);
      if (found == frame_of_.end()) {
        ADD_FAILURE() << "beside frame " << i << " are edges of no frame";
        break;
      }
      const std::size_t of = found->second;
      const bool is_right = of <= i && (shown.empty() || of >= *shown.rbegin());
      EXPECT_TRUE(is_right) << "beside frame " << i << " are edges of frame " << of;
      if (!is_right) break;
      shown.insert(of);
      max_age = std::max(max_age, i - of);
    }
    return {shown.size(), max_age};
  }

  /// Checks by the clock of this test and by the report that the source's rate was kept. Returns what was wrong; empty
  /// if nothing was.
  [[nodiscard]] static std::string trouble_with_time(const LiveRun& live) {
    if (live.frames.size() < 2 || live.report.is_discarded()) return "there is nothing to measure";
    const double reported = live.report["frames_per_second"]["output"];
    const double latency = live.report["latency_milliseconds"]["p99"];
    const double filter = live.report["frames_per_second"]["filter"];
    std::cout << fmt::format(
        "{:.3f} fps out, reported {:.3f}; filter {:.2f} fps; latency p50 {} ms, p99 {} ms, max {} ms; "
        "age at most {}\n",
        live.rate(), reported, filter, live.report["latency_milliseconds"]["p50"].dump(), latency,
        live.report["latency_milliseconds"]["max"].dump(), live.report["age_frames"]["max"].dump());
    const double allowed = source_rate / 100;
    if (std::abs(live.rate() - source_rate) > allowed) return fmt::format("{} fps out", live.rate());
    if (std::abs(reported - source_rate) > allowed) return fmt::format("{} fps reported", reported);
    if (latency >= 1000 / source_rate) return fmt::format("a latency of {} ms", latency);
    return "";
  }

  /// Checks the frames of every run. If the times are wrong, runs the program up to three times, because other programs
  /// may have used the machine's processors.
  [[nodiscard]] LiveRun expect_live(const std::string& options, std::size_t max_age, std::size_t min_maps) const {
    constexpr int attempts = 3;
    LiveRun live;
    std::string trouble;
    for (int i = 0; i < attempts; ++i) {
      live = run_live(options);
      const Shown shown = expect_all_frames(live);
      trouble = trouble_with_time(live);
      if (shown.max_age > max_age) trouble += fmt::format(" edges that were {} frames old", shown.max_age);
      if (shown.maps < min_maps) trouble += fmt::format(" only {} edge maps", shown.maps);
      if (trouble.empty() || HasFailure()) break;
    }
    EXPECT_EQ(trouble, "");
    return live;
  }

  ScratchFolder scratch_;
  std::vector<std::size_t> frames_;
  std::map<std::size_t, std::size_t> frame_of_;
};

TEST_F(StreamLive, FilterRate) {
  ASSERT_NO_FATAL_FAILURE(know_answers(""));
  const LiveRun live = expect_live("--filter-rate 5", 12, 35);
  EXPECT_NEAR(live.report["frames_per_second"]["filter"].get<double>(), 5, 0.5);
  EXPECT_EQ(live.report["frames"]["written"], frame_count);
  EXPECT_LE(live.report["frames"]["filtered"], 45);
  EXPECT_EQ(live.report["ended_by"], "end of input");
}

TEST_F(StreamLive, SlowFilter) {
  const std::string canny = "--operator canny --sigma 4 --low 80% --high 95%";
  ASSERT_NO_FATAL_FAILURE(know_answers(canny));
  const LiveRun live = expect_live(canny + " --backend reference --threads 2", 120, 3);
  // The test shows nothing unless the filter was far too slow.
  EXPECT_LT(live.report["frames_per_second"]["filter"].get<double>(), source_rate / 2);
  EXPECT_EQ(live.report["frames"]["written"], frame_count);
  EXPECT_GT(live.report["frames"]["not_filtered"], frame_count / 2);
}

}  // namespace
}  // namespace haloedge

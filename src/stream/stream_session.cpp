#include "stream/stream_session.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "comm/communicator.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/number_text.hpp"
#include "core/stop_request.hpp"
#include "core/threads.hpp"
#include "run/progress.hpp"
#include "stream/byte_streams.hpp"
#include "stream/stream_flow.hpp"

namespace haloedge {

namespace {

void show_status_until(const std::stop_token& end, const StreamStats& stats, StatusLine line) {
  constexpr std::chrono::milliseconds period{500};
  for (; !end.stop_requested(); sleep_until_end(end, period)) {
    if (!line.is_due()) continue;
    const auto [source, filter] = stats.rates();
    line.show(fmt::format("{} frames, source {:.1f} fps, filter {:.1f} fps", count_text(stats.totals().written.count),
                          source, filter));
  }
  line.clear();
}

/// Shows a line on standard error with the frames and rates of a stream that runs, if the options ask for it and it
/// does not mix with what a player prints. It is shown by a thread of its own, so that a blocked terminal does not
/// block the frames, until the result is destroyed.
std::jthread show_status(const StreamCommand& command, const StreamStats& stats) {
  const CommonOptions& common = command.common;
  const bool may_mix = common.progress == ProgressMode::automatic && command.output.empty();
  if (!progress_wanted(common) || may_mix) return {};
  return std::jthread([&stats, mode = common.progress](const std::stop_token& end) {
    show_status_until(end, stats, StatusLine(mode));
  });
}

/// Makes the partial file of an output; returns null unless `path` is, or will be, a regular file. Throws Error if it
/// must not be written.
std::unique_ptr<PartialFile> begin_file(const std::string& path, bool overwrite) {
  if (path.empty()) return nullptr;
  namespace fs = std::filesystem;
  std::error_code none;
  const fs::file_status status = fs::status(path, none);
  if (fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status)) return nullptr;
  check_new_file(path, overwrite);
  const fs::path partial = partial_path(path);
  if (fs::exists(partial, none) && !overwrite) {
    throw Error(
        fmt::format("{}: {} contains the frames of an unfinished stream: rename it, or start over with --overwrite",
                    path, partial.string()));
  }
  return std::make_unique<PartialFile>(path);
}

/// The output of a stream. A regular file gets its name when it is complete; until then it has the name of a partial
/// file. Standard output, named pipes and devices are written directly.
class StreamOutput {
 public:
  /// `path` and `should_give_up` mean the same as for ByteOutput. Throws what ByteOutput throws, and Error if the file
  /// or the partial file of an earlier stream exists and `overwrite` is false.
  StreamOutput(const std::string& path, bool overwrite, ByteOutput::ShouldGiveUp should_give_up)
      : file_(begin_file(path, overwrite)),
        bytes_(file_ ? file_->partial().string() : path, std::move(should_give_up)) {}

  [[nodiscard]] ByteOutput& bytes() { return bytes_; }

  /// Closes the output; a file gets its name. Throws Error.
  void finish() {
    bytes_.finish();
    if (file_) file_->commit();
  }

  /// Keeps the partial file of a stream that failed after `frames` frames. Returns a line that says so; empty if there
  /// is nothing to keep.
  [[nodiscard]] std::string keep(std::int64_t frames) {
    if (!file_ || frames == 0) return {};
    file_->keep();
    return fmt::format("haloedge: kept {} in {}\n", count_text(frames, "frame"), file_->partial().string());
  }

 private:
  std::unique_ptr<PartialFile> file_;  ///< null unless the output is a regular file
  ByteOutput bytes_;
};

/// Returns the header of the output: that of the input, with the size and the range of the painted frames.
Y4mHeader painted_header(const Y4mHeader& header, const Painter& painter, Show show) {
  Y4mHeader painted = header;
  painted.format = painter.format();
  painted.set_field("W", std::to_string(painted.format.width));
  if (show == Show::edges) painted.set_field("XCOLORRANGE=", "FULL");
  return painted;
}

/// Returns the numbers of filters of rank 1, 2, ... on rank 0, and nothing on other ranks. Collective.
std::vector<int> gather_remote_filters(std::int64_t mine, Communicator& communicator) {
  std::vector<int> filters;
  for (const std::string& text : communicator.gather(std::to_string(mine))) filters.push_back(std::stoi(text));
  if (!filters.empty()) filters.erase(filters.begin());
  return filters;
}

/// A stream on one rank. All ranks make one together, which chooses the backend of `run`.
class StreamSession {
 public:
  StreamSession(const StreamCommand& command, Run& run)
      : command_(command), run_(run), communicator_(run.communicator), stop_([this] {
          communicator_.check_peers();  // nothing else may notice a failed rank while rank 0 waits for its input
          return !request_.reason().empty() || communicator_.stop_announced();
        }) {
    // With a device, one thread connects Canny's candidates in all frames.
    const bool is_canny = command.edge.op == kernels::Operator::canny;
    run.choose_backend(why_processor_only(command.edge), is_canny ? 0 : endless_saving);
  }

  /// Runs the stream on rank 0.
  StreamResult lead();
  /// Finds edges for rank 0 until its stream ends.
  StreamResult serve();

 private:
  [[nodiscard]] std::int64_t flow_bytes(const FrameFormat& frame, const FrameFormat& painted, std::int64_t filters,
                                        const std::vector<int>& remote_filters) const {
    return command_.policy == StreamPolicy::latest ? live_flow_bytes(frame, painted, filters)
                                                   : ordered_flow_bytes(frame, painted, filters, remote_filters);
  }

  void flow(StreamJob& job, const std::vector<int>& remote_filters) {
    const std::jthread status = show_status(command_, stats_);
    command_.policy == StreamPolicy::latest ? run_live_flow(job) : run_ordered_flow(job, remote_filters, communicator_);
  }
  void say_what_was_chosen(std::int64_t filters) const {
    say(fmt::format("{}, MPI: {}; {} on rank 0, backend {} ({})\n", count_text(communicator_.size(), "rank"),
                    communicator_.library(), count_text(filters, "filter"), run_.backend.name, run_.backend.detail));
    if (!run_.backend.why_no_device.empty()) say(fmt::format("no device: {}\n", run_.backend.why_no_device));
  }
  [[nodiscard]] std::string ended_by(bool is_closed, const std::string& damage) const {
    if (is_closed) return "closed output";
    if (!damage.empty()) return "damaged input";
    if (!stop_.was_requested()) return "end of input";
    const std::string reason = request_.reason();
    return reason.empty() ? "a signal to another rank" : reason;
  }

  const StreamCommand& command_;
  Run& run_;
  Communicator& communicator_;
  StopRequest request_{std::chrono::seconds(0)};
  StopWatcher watcher_{request_, [this] { communicator_.announce_stop(); }};
  StreamStop stop_;
  StreamStats stats_;
};

StreamResult StreamSession::lead() {
  ByteInput input(command_.input, [this] { return stop_.input_should_end(); });
  Y4mReader reader(input);
  const Y4mHeader& header = reader.header();
  (void)communicator_.broadcast(header.line());
  const FrameFilterSpec spec = filter_spec(command_.edge, header.format);
  const std::int64_t count = filter_count(run_.resources, spec);
  const std::vector<int> remote_filters = gather_remote_filters(count, communicator_);
  const Painter painter(header.format, command_.show, command_.color, header.full_range());
  const Y4mHeader painted = painted_header(header, painter, command_.show);
  require_memory(flow_bytes(header.format, painted.format, count, remote_filters), count, spec, run_.resources);

  StreamOutput output(command_.output, command_.overwrite,
                      [this](StreamClock::duration waited) { return stop_.output_should_give_up(waited); });
  Y4mWriter writer(output.bytes());
  StreamJob job{.reader = reader,
                .writer = writer,
                .painter = painter,
                .painted = painted,
                .filters = make_filters(count, spec, run_.backend),
                .hud = command_.hud,
                .max_filtered_a_second = command_.filter_rate,
                .stats = stats_,
                .stop = stop_};
  if (command_.common.verbose) say_what_was_chosen(count);
  try {
    flow(job, remote_filters);
    output.finish();
  } catch (...) {
    say(output.keep(stats_.totals().written.count));
    throw;
  }
  const bool is_closed = output.bytes().is_closed();
  return {.header = header,
          .totals = stats_.totals(),
          .filters = count,
          .ended_by = ended_by(is_closed, reader.damage()),
          .damage = reader.damage(),
          .is_closed = is_closed,
          .input_is_file = input.is_regular_file()};
}

StreamResult StreamSession::serve() {
  const Y4mHeader header = parse_y4m_header(communicator_.broadcast(""));
  const FrameFilterSpec spec = filter_spec(command_.edge, header.format);
  const std::int64_t count = filter_count(run_.resources, spec);
  (void)gather_remote_filters(count, communicator_);
  require_memory(serve_frames_bytes(header.format, count), count, spec, run_.resources);
  auto filters = make_filters(count, spec, run_.backend);
  serve_frames(header.format, filters, stats_, communicator_);
  return {.totals = stats_.totals(), .filters = count};
}

}  // namespace

StreamResult run_stream_session(const StreamCommand& command, Run& run) {
  StreamSession session(command, run);
  return run.is_first_rank() ? session.lead() : session.serve();
}

}  // namespace haloedge

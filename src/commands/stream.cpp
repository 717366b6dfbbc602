#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "commands/commands.hpp"
#include "core/number_text.hpp"
#include "core/stop_request.hpp"
#include "run/report_file.hpp"
#include "run/resources.hpp"
#include "run/stop_watcher.hpp"
#include "run/terminal.hpp"
#include "stream/live_flow.hpp"
#include "stream/ordered_flow.hpp"
#include "stream/stream_output.hpp"
#include "stream/stream_report.hpp"
#include "stream/stream_setup.hpp"
#include "stream/stream_status.hpp"

namespace haloedge {

namespace {

/// Whether they are one file, or would be.
bool is_same_file(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::error_code none;
  return std::filesystem::equivalent(a, b, none) ||
         std::filesystem::weakly_canonical(a, none) == std::filesystem::weakly_canonical(b, none);
}

/// On rank 0, before any work.
void check_streams(const StreamCommand& command, const Communicator& communicator) {
  check_writable("--report", command.common.report);
  for (const std::string& video : {command.input, command.output}) {
    if (!video.empty() && !command.common.report.empty() && is_same_file(command.common.report, video)) {
      throw UsageError(fmt::format("--report {}: is the video itself", command.common.report));
    }
  }
  // mpirun puts terminals of its own between its ranks and the streams.
  if (communicator.library() != "none") return;
  if (command.input.empty() && ::isatty(STDIN_FILENO) == 1) {
    throw UsageError("standard input is a terminal: give a file, or  " + ffmpeg_command("INPUT"));
  }
  if (command.output.empty() && ::isatty(STDOUT_FILENO) == 1) {
    throw UsageError("standard output is a terminal: give -o FILE, or a player:  haloedge stream ... | ffplay -");
  }
}

/// What leaves: the same stream, but for what was painted.
Y4mHeader painted_header(const Y4mHeader& header, const Painter& painter, Show show) {
  Y4mHeader painted = header;
  painted.format = painter.format();
  painted.set_field("W", std::to_string(painted.format.width));
  if (show == Show::edges) painted.set_field("XCOLORRANGE=", "FULL");
  return painted;
}

/// The ranks' numbers of filters, without rank 0's. Collective; on rank 0.
std::vector<int> remote_filters(std::int64_t mine, Communicator& communicator) {
  std::vector<int> filters;
  for (const std::string& text : communicator.gather(std::to_string(mine))) filters.push_back(std::stoi(text));
  if (!filters.empty()) filters.erase(filters.begin());
  return filters;
}

/// One stream on one rank, from its first line on.
class Stream {
 public:
  Stream(const StreamCommand& command, const std::vector<std::string>& command_line, Communicator& communicator)
      : command_(command),
        command_line_(command_line),
        communicator_(communicator),
        backend_(choose_job_backend(command.common.backend, why_processor_only(command.edge), endless_seconds,
                                    communicator)),
        resources_(rank_resources(command.common, communicator)),
        stop_([this] {
          communicator_.check_peers();  // nobody else on rank 0 may be waiting for another rank now
          return !request_.reason().empty() || communicator_.stop_announced();
        }) {
    resources_.device = backend_.device;
  }

  ExitCode run() { return communicator_.rank() == 0 ? lead() : serve(); }

 private:
  ExitCode lead();
  ExitCode serve();
  [[nodiscard]] std::int64_t flow_bytes(const FrameFormat& frame, const FrameFormat& painted, std::int64_t filters,
                                        const std::vector<int>& remotes) const;
  void flow(StreamJob& job, const std::vector<int>& remotes);
  void say_what_was_chosen(std::int64_t filters) const;
  [[nodiscard]] std::string ended_by(bool is_closed, const std::string& damage) const;
  void conclude(const Y4mHeader& header, std::int64_t filters, bool is_closed, const std::string& damage);

  const StreamCommand& command_;
  const std::vector<std::string>& command_line_;
  Communicator& communicator_;
  StopRequest request_{std::chrono::seconds(0)};
  StopWatcher watcher_{request_, [this] { communicator_.announce_stop(); }};
  ChosenBackend backend_;
  RankResources resources_;
  StreamStop stop_;
  StreamLog log_;
};

ExitCode Stream::lead() {
  ByteInput input(command_.input, [this] { return stop_.input_should_end(); });
  Y4mReader reader(input);
  const Y4mHeader& header = reader.header();
  (void)communicator_.broadcast(header.line());
  const FrameFilterSpec spec = filter_spec(command_.edge, header.format);
  const std::int64_t count = filter_count(resources_, spec);
  const std::vector<int> remotes = remote_filters(count, communicator_);
  const Painter painter(header.format, command_.show, command_.color, header.full_range());
  const Y4mHeader painted = painted_header(header, painter, command_.show);
  require_memory(flow_bytes(header.format, painted.format, count, remotes), count, spec, resources_);

  StreamOutput output(command_.output, command_.overwrite,
                      [this](StreamClock::duration waited) { return stop_.output_should_give_up(waited); });
  Y4mWriter writer(output.bytes());
  StreamJob job{.reader = reader,
                .writer = writer,
                .painter = painter,
                .painted = painted,
                .filters = make_filters(count, spec, backend_),
                .hud = command_.hud,
                .most_filtered_a_second = command_.filter_rate,
                .log = log_,
                .stop = stop_};
  if (command_.common.verbose) say_what_was_chosen(count);
  try {
    flow(job, remotes);
    output.finish();
  } catch (...) {
    say(output.keep(log_.totals().written.count));
    throw;
  }
  const bool is_closed = output.bytes().is_closed();
  conclude(header, count, is_closed, reader.damage());
  const bool could_wait = command_.policy == StreamPolicy::latest && input.is_regular_file() && !is_closed;
  if (could_wait && log_.totals().filtered.count < reader.frames() && !command_.common.quiet) {
    say("a file can wait for its edges: --policy all filters every frame\n");
  }
  return reader.damage().empty() || is_closed ? ExitCode::done : ExitCode::some_images_failed;
}

ExitCode Stream::serve() {
  const Y4mHeader header = parse_y4m_header(communicator_.broadcast(""));
  const FrameFilterSpec spec = filter_spec(command_.edge, header.format);
  const std::int64_t count = filter_count(resources_, spec);
  (void)remote_filters(count, communicator_);
  require_memory(serve_frames_bytes(header.format, count), count, spec, resources_);
  auto filters = make_filters(count, spec, backend_);
  serve_frames(header.format, filters, log_, communicator_);
  conclude(header, count, false, "");
  return ExitCode::done;
}

std::int64_t Stream::flow_bytes(const FrameFormat& frame, const FrameFormat& painted, std::int64_t filters,
                                const std::vector<int>& remotes) const {
  return command_.policy == StreamPolicy::latest ? LiveFlow::memory_bytes(frame, painted, filters)
                                                 : OrderedFlow::memory_bytes(frame, painted, filters, remotes);
}

void Stream::flow(StreamJob& job, const std::vector<int>& remotes) {
  const StreamStatus status(command_, log_);
  if (command_.policy == StreamPolicy::latest) {
    LiveFlow(job).run();
  } else {
    OrderedFlow(job, remotes, communicator_).run();
  }
}

void Stream::say_what_was_chosen(std::int64_t filters) const {
  say(fmt::format("{} rank(s), MPI: {}; {} filter(s) on rank 0, backend {} ({})\n", communicator_.size(),
                  communicator_.library(), filters, backend_.name, backend_.detail));
  if (!backend_.why_no_device.empty()) say(fmt::format("no device: {}\n", backend_.why_no_device));
}

std::string Stream::ended_by(bool is_closed, const std::string& damage) const {
  if (is_closed) return "closed output";
  if (!damage.empty()) return "damaged input";
  if (!stop_.was_asked()) return "end of input";
  const std::string reason = request_.reason();
  return reason.empty() ? "a signal to another rank" : reason;
}

void Stream::conclude(const Y4mHeader& header, std::int64_t filters, bool is_closed, const std::string& damage) {
  const StreamRun run{command_, command_line_, header, backend_, log_.totals(), filters, ended_by(is_closed, damage),
                      damage};
  const nlohmann::json report = gather_stream_report(run, communicator_);
  if (communicator_.rank() != 0) return;
  const CommonOptions& common = command_.common;
  if (!common.report.empty()) write_report(report, common.report);
  if (is_closed) return;  // who closes the output does not want to hear more
  if (!common.quiet) say(stream_summary(run) + '\n', command_.output.empty() ? stderr : stdout);
  if (!damage.empty()) {
    say(fmt::format("haloedge: {}: {} frame(s) before are written\n", damage, count_text(run.totals.written.count)));
  }
}

}  // namespace

ExitCode run_stream(const StreamCommand& command, const std::vector<std::string>& command_line,
                    Communicator& communicator) {
  if (command.policy == StreamPolicy::latest && communicator.size() > 1) {
    throw UsageError("--policy latest works on one rank: start it without mpirun, or give --policy all");
  }
  if (communicator.rank() == 0) check_streams(command, communicator);
  (void)std::signal(SIGPIPE, SIG_IGN);  // a closed output is an answer of write()
  return Stream(command, command_line, communicator).run();
}

}  // namespace haloedge

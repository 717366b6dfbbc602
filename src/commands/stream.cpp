#include <csignal>
#include <string>

#include <fmt/format.h>
#include <unistd.h>

#include "commands/commands.hpp"
#include "core/number_text.hpp"
#include "run/named_files.hpp"
#include "run/progress.hpp"
#include "stream/stream_session.hpp"

namespace haloedge {

namespace {

/// Throws UsageError or Error if the report, the input or the output cannot be used as the options say. For rank 0.
void check_files(const StreamCommand& command, const Communicator& communicator) {
  check_named_files({command.input}, {{"-o", command.output}}, command.common);
  // With mpirun, the standard streams of a rank may be terminals that mpirun has made.
  if (communicator.library() != "none") return;
  if (command.input.empty() && ::isatty(STDIN_FILENO) == 1) {
    throw UsageError("standard input is a terminal: give a file, or use  " + ffmpeg_command("INPUT"));
  }
  if (command.output.empty() && ::isatty(STDOUT_FILENO) == 1) {
    throw UsageError("standard output is a terminal: give -o FILE, or use a player:  haloedge stream ... | ffplay -");
  }
}

/// Tells the user how the stream ended. If the reader has closed the output, haloedge exits quietly.
void say_how_it_ended(const StreamResult& result, const StreamCommand& command) {
  const bool quiet = command.common.quiet;
  if (result.is_closed) return;
  if (!quiet) say(stream_summary(result) + '\n', command.output.empty() ? stderr : stdout);
  const StreamStats::Totals& totals = result.totals;
  if (!result.damage.empty()) {
    say(fmt::format("haloedge: {}: wrote {} before that\n", result.damage, count_text(totals.written.count, "frame")));
  }
  if (command.policy == StreamPolicy::latest && result.input_is_file && totals.filtered.count < totals.read.count &&
      !quiet) {
    say("haloedge: some frames were not filtered: use --policy all to filter every frame of a file\n");
  }
}

}  // namespace

ExitCode run_stream(const StreamCommand& command, Run& run) {
  if (command.policy == StreamPolicy::latest && run.communicator.size() > 1) {
    throw UsageError("--policy latest works on one rank only: start it without mpirun, or use --policy all");
  }
  if (run.is_first_rank()) check_files(command, run.communicator);
  (void)std::signal(SIGPIPE, SIG_IGN);  // write() then reports that the output was closed
  const StreamResult result = run_stream_session(command, run);
  report_stream(result, command, run);
  if (run.is_first_rank()) say_how_it_ended(result, command);
  return result.damage.empty() || result.is_closed ? ExitCode::done : ExitCode::some_images_failed;
}

}  // namespace haloedge

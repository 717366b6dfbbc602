#include <chrono>
#include <cstdio>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "cli/command_line.hpp"
#include "comm/communicator.hpp"
#include "comm/launcher.hpp"
#include "commands/commands.hpp"
#include "core/encoding.hpp"
#include "core/error.hpp"
#include "core/system.hpp"
#include "run/run.hpp"

namespace haloedge {

namespace {

/// Runs the command on all ranks. If any rank fails, all return the same exit code, and rank 0 prints one message.
int run_command(const Command& command, const std::vector<std::string>& command_line) {
  const std::unique_ptr<Communicator> communicator = make_communicator();
  std::optional<Communicator::Failure> failure;
  const auto fail = [&](ExitCode code, const std::string& text) {
    const int rank = communicator->rank();
    const std::string place = communicator->size() == 1 ? "" : fmt::format("rank {} on {}: ", rank, host_name());
    failure = {static_cast<int>(code), fmt::format("haloedge: {}{}\n", place, printable_lines(text))};
    communicator->announce_failure();
  };
  try {
    Run run(*communicator, command.common(), command_line);
    const ExitCode code = command.run(run);
    communicator->barrier();  // no rank leaves while another one may still fail
    return static_cast<int>(code);
  } catch (const PeerFailure&) {
    // The rank that failed gives the message.
  } catch (const Stopped& stop) {
    fail(ExitCode::stopped, stop.what());
  } catch (const UsageError& error) {
    fail(ExitCode::usage, error.what());
  } catch (const std::bad_alloc&) {
    fail(ExitCode::failed, "out of memory: lower --memory, --threads or --tile");
  } catch (const std::exception& error) {
    fail(ExitCode::failed, error.what());
  }
  const Communicator::Failure agreed = communicator->agree_on_failure(failure);
  if (communicator->rank() == 0) fmt::print(stderr, "{}", agreed.message);
  return agreed.exit_code;
}

/// Rank 0 prints the text. mpirun ends all ranks as soon as one of them has returned another exit code than 0, so the
/// other ranks wait while rank 0 prints an error, until mpirun ends them.
int answer(const Answer& answer) {
  constexpr auto time_to_print = std::chrono::seconds(1);
  if (launcher_rank() == 0) {
    fmt::print(answer.exit_code == 0 ? stdout : stderr, "{}", answer.text);
  } else if (answer.exit_code != 0) {
    std::this_thread::sleep_for(time_to_print);
  }
  return answer.exit_code;
}

}  // namespace

}  // namespace haloedge

int main(int argc, char** argv) {
  using namespace haloedge;
  try {
    const auto parsed = parse_command_line(argc, argv, all_commands());
    if (const auto* text = std::get_if<Answer>(&parsed)) return answer(*text);
    return run_command(std::get<Command>(parsed), {argv, argv + argc});
  } catch (const LauncherError& error) {
    return answer({static_cast<int>(ExitCode::failed), fmt::format("haloedge: {}\n", error.what())});
  } catch (const std::exception& error) {
    // The ranks could not agree on a failure.
    fmt::print(stderr, "haloedge: rank {} on {}: {}\n", launcher_rank(), host_name(), error.what());
    abort_all_ranks(static_cast<int>(ExitCode::failed));
  }
}

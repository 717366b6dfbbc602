#include <cstdio>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "cli/command_line.hpp"
#include "cli/version.hpp"
#include "comm/communicator.hpp"
#include "comm/launcher.hpp"
#include "commands/commands.hpp"
#include "core/error.hpp"
#include "core/system.hpp"
#include "run/run.hpp"

namespace haloedge {

namespace {

using Failure = Communicator::Failure;

/// Runs the command on this rank. Returns the failure of this rank, if any. Sets `peer_failed` if another rank failed,
/// and `code` if none did.
std::optional<Failure> try_command(const Command& command, const std::vector<std::string>& command_line,
                                   Communicator& communicator, bool& peer_failed, ExitCode& code) {
  const auto failure = [&](ExitCode failure_code, const std::string& text) {
    return Failure{communicator.rank(), static_cast<int>(failure_code), text};
  };
  try {
    Run run(communicator, command.common(), command_line);
    code = command.run(run);
    communicator.barrier();  // no rank leaves while another one may still fail
    return std::nullopt;
  } catch (const PeerFailure&) {
    peer_failed = true;
    return std::nullopt;
  } catch (const Stopped& stop) {
    return failure(ExitCode::stopped, stop.what());
  } catch (const UsageError& error) {
    return failure(ExitCode::usage, error.what());
  } catch (const std::bad_alloc&) {
    return failure(ExitCode::failed, "the system gives no more memory: lower --memory, --threads or --tile");
  } catch (const std::exception& error) {
    return failure(ExitCode::failed, error.what());
  }
}

/// Runs the command on all ranks. If any rank fails, all return the same exit code, and rank 0 prints one message.
int run(const Command& command, const std::vector<std::string>& command_line) {
  const std::unique_ptr<Communicator> communicator = make_communicator();
  bool peer_failed = false;
  ExitCode code = ExitCode::done;
  std::optional<Failure> failure = try_command(command, command_line, *communicator, peer_failed, code);
  if (!failure && !peer_failed) return static_cast<int>(code);

  if (failure) {
    failure->message = communicator->size() == 1
                           ? fmt::format("haloedge: {}\n", failure->message)
                           : fmt::format("haloedge: rank {} on {}: {}\n", failure->rank, host_name(), failure->message);
    communicator->announce_failure();
  }
  const Failure agreed = communicator->agree_on_failure(failure);
  if (communicator->rank() == 0) fmt::print(stderr, "{}", agreed.message);
  return agreed.exit_code;
}

int answer(const Answer& answer) {
  if (launcher_rank() == 0) fmt::print(answer.exit_code == 0 ? stdout : stderr, "{}", answer.text);
  return answer.exit_code;
}

}  // namespace

}  // namespace haloedge

int main(int argc, char** argv) {
  using namespace haloedge;
  try {
    const auto parsed = parse_command_line(argc, argv, all_commands(), version_text());
    if (const auto* text = std::get_if<Answer>(&parsed)) return answer(*text);
    return run(*std::get<std::shared_ptr<Command>>(parsed), {argv, argv + argc});
  } catch (const std::exception& error) {
    // The ranks could not agree on a failure.
    fmt::print(stderr, "haloedge: rank {} on {}: {}\n", launcher_rank(), host_name(), error.what());
    abort_all_ranks(static_cast<int>(ExitCode::failed));
  }
}

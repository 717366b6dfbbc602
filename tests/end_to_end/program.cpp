#include "program.hpp"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include <sys/wait.h>

#include "support/scratch_folder.hpp"

namespace haloedge {

namespace fs = std::filesystem;

namespace {

/// Open MPI's mpirun starts for root only with these variables, and tests often run as root in containers. They are set
/// before any test begins, for all processes that tests start.
[[maybe_unused]] const int root_is_allowed =
    ::setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 1) + ::setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", 1);

}  // namespace

std::string file_content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

fs::path haloedge_program() {
  const char* const other = std::getenv("HALOEDGE_PROGRAM");
  return other != nullptr ? other : HALOEDGE_PROGRAM;
}

RunResult run_shell(const std::string& command, int timeout_seconds) {
  const ScratchFolder streams;
  const fs::path out = streams / "out";
  const fs::path err = streams / "err";
  const auto start = std::chrono::steady_clock::now();
  const std::string quoted = [&] {
    std::string text = "'";
    for (const char c : command) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return text + "'";
  }();
  const int limit = (is_sanitized ? 10 : 1) * timeout_seconds;
  const int status = std::system(("timeout -k 10 " + std::to_string(limit) + " sh -c " + quoted + " >" + out.string() +
                                  " 2>" + err.string() + " </dev/null")
                                     .c_str());
  RunResult result;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.out = file_content(out);
  result.err = file_content(err);
  return result;
}

std::string haloedge_command(const std::string& arguments, int ranks, const fs::path& preload) {
  const std::string variable = preload.empty() ? "" : "LD_PRELOAD=" + preload.string() + " ";
  std::string command;
  if (ranks > 0) {
    command +=
        HALOEDGE_MPIRUN " --oversubscribe --bind-to none --mca mpi_yield_when_idle 1 -n " + std::to_string(ranks) + " ";
    if (!preload.empty()) command += "-x " + variable;
  } else if (!preload.empty()) {
    command += "env " + variable;
  }
  return command + haloedge_program().string() + " " + arguments;
}

RunResult run_haloedge(const std::string& arguments, const RunOptions& options) {
  return run_shell("exec " + haloedge_command(arguments, options.ranks, options.preload), options.timeout_seconds);
}

fs::path message_watch() { return HALOEDGE_MESSAGE_WATCH; }
fs::path killer() { return HALOEDGE_KILLER; }
fs::path no_locks() { return HALOEDGE_NO_LOCKS; }

bool have_tool(const std::string& name) { return run_shell("command -v " + name).exit_code == 0; }

}  // namespace haloedge

#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace haloedge {

/// True if a sanitizer is built in. It needs memory of its own, and makes a program up to 30 times slower, so that
/// neither can be tested.
#ifdef HALOEDGE_SANITIZED
inline constexpr bool is_sanitized = true;
#else
inline constexpr bool is_sanitized = false;
#endif

/// The result of a run of the program.
struct RunResult {
  int exit_code = -1;
  std::string out;
  std::string err;
  double seconds = 0;
};

struct RunOptions {
  int ranks = 0;                    ///< 0: without mpirun
  std::filesystem::path preload{};  ///< a library that is loaded into each rank before its own
  int timeout_seconds = 120;
};

/// Runs `haloedge ARGUMENTS` in the shell, so patterns must be quoted. The exit code is 124 if it was killed at the
/// timeout.
[[nodiscard]] RunResult run_haloedge(const std::string& arguments, const RunOptions& options = {});

/// Returns the command line of run_haloedge(), without the shell's `exec` before it.
[[nodiscard]] std::string haloedge_command(const std::string& arguments, int ranks,
                                           const std::filesystem::path& preload = {});

/// Runs any command line in the shell.
[[nodiscard]] RunResult run_shell(const std::string& command, int timeout_seconds = 120);

[[nodiscard]] bool have_tool(const std::string& name);

/// Returns the program's path: the value of the environment variable HALOEDGE_PROGRAM, or else the program that was
/// built.
[[nodiscard]] std::filesystem::path haloedge_program();

/// These return the libraries that are built from message_watch.cpp, killer.cpp and no_locks.cpp, to be preloaded.
[[nodiscard]] std::filesystem::path message_watch();
[[nodiscard]] std::filesystem::path killer();
[[nodiscard]] std::filesystem::path no_locks();

/// Returns the whole content of a file.
[[nodiscard]] std::string file_content(const std::filesystem::path& path);

}  // namespace haloedge

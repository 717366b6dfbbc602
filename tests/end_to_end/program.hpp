#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace haloedge {

/// How a run of the program ended.
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

/// Runs `haloedge ARGUMENTS`, in the shell: quote patterns. Exit code 124: it was killed at the timeout.
[[nodiscard]] RunResult run_haloedge(const std::string& arguments, const RunOptions& options = {});

/// The command line of that, but for the shell's `exec` before it.
[[nodiscard]] std::string haloedge_command(const std::string& arguments, int ranks,
                                           const std::filesystem::path& preload = {});

/// Runs any command line in the shell.
[[nodiscard]] RunResult run_shell(const std::string& command, int timeout_seconds = 120);

[[nodiscard]] bool have_tool(const std::string& name);

/// The program's path: what the environment variable HALOEDGE_PROGRAM says, or else the one that was built.
[[nodiscard]] std::filesystem::path haloedge_program();

/// To be preloaded: message_watch.cpp, killer.cpp.
[[nodiscard]] std::filesystem::path message_watch();
[[nodiscard]] std::filesystem::path killer();

/// An empty folder for one test, removed at the end.
class Scratch {
 public:
  Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch();

  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return folder_ / name; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  /// Names of all files in it, sorted.
  [[nodiscard]] std::vector<std::string> files() const;

 private:
  std::filesystem::path folder_;
};

/// The whole content of a file.
[[nodiscard]] std::string file_content(const std::filesystem::path& path);

}  // namespace haloedge

#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "program.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {

/// A run of the program that a test disturbs from outside. The destructor kills it if it still runs.
class Victim {
 public:
  /// Starts `haloedge ARGUMENTS`, as run_haloedge() does.
  Victim(const std::string& arguments, int ranks);
  Victim(const Victim&) = delete;
  Victim& operator=(const Victim&) = delete;
  ~Victim();

  /// Returns the ranks that have been started by now. Without mpirun, that is the process itself.
  [[nodiscard]] std::vector<pid_t> ranks();
  /// Returns the process that was started: mpirun or the program.
  [[nodiscard]] pid_t process() const { return process_; }
  [[nodiscard]] bool runs() const;

  /// Waits for the end of the process and of all its ranks. The exit code is 128 + signal if a signal ended it, and -1
  /// if it did not end within this time and was therefore killed.
  [[nodiscard]] RunResult wait(int timeout_seconds = 60);

 private:
  /// Returns true if a process with this number exists and has not ended.
  [[nodiscard]] static bool is_alive(pid_t process);

  ScratchFolder streams_;
  bool has_launcher_;
  pid_t process_ = -1;
  std::vector<pid_t> known_;  ///< all ranks seen so far
};

}  // namespace haloedge

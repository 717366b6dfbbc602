#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "program.hpp"

namespace haloedge {

/// A run of the program that is disturbed from outside. Killed, if it still runs, when this goes.
class Victim {
 public:
  /// Starts `haloedge ARGUMENTS`, as run_haloedge() does.
  Victim(const std::string& arguments, int ranks);
  Victim(const Victim&) = delete;
  Victim& operator=(const Victim&) = delete;
  ~Victim();

  /// The process itself or, if it is mpirun, its ranks: as many as have been started by now.
  [[nodiscard]] std::vector<pid_t> ranks();
  /// The process that was started: mpirun, or the program.
  [[nodiscard]] pid_t process() const { return process_; }
  [[nodiscard]] bool runs() const;

  /// Waits for the end of it and of all its ranks. Exit code 128 + signal if a signal ended it; -1, and it is killed,
  /// if it does not end within this time.
  [[nodiscard]] RunResult wait(int timeout_seconds = 60);

 private:
  /// True if a process of this number is there and has not ended.
  [[nodiscard]] static bool is_alive(pid_t process);

  Scratch streams_;
  bool has_launcher_;
  pid_t process_ = -1;
  std::vector<pid_t> known_;  ///< ranks that were seen
};

}  // namespace haloedge

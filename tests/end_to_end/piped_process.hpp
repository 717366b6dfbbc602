#pragma once

#include <string>

#include <sys/types.h>

#include "program.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {

/// A file descriptor that its destructor closes.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }

  [[nodiscard]] int number() const { return number_; }
  void set(int number);
  void close();

 private:
  int number_;
};

/// A pipe. Processes that are started inherit its ends only as their standard input or output.
struct Pipe {
  Pipe();

  Descriptor read_end;
  Descriptor write_end;
};

/// A command line that runs beside the test, between two descriptors. The destructor kills it if it still runs.
class PipedProcess {
 public:
  /// The shell runs `exec COMMAND`. The test keeps its own copies of the descriptors, and must close those of pipes. A
  /// descriptor of -1 stands for the test's own standard input or output.
  PipedProcess(const std::string& command, int input, int output);
  PipedProcess(const PipedProcess&) = delete;
  PipedProcess& operator=(const PipedProcess&) = delete;
  ~PipedProcess();

  void signal(int number) const;
  [[nodiscard]] pid_t process() const { return process_; }
  /// Waits for the end. The exit code is 128 + signal if a signal ended the process, and -1 if it did not end within
  /// this time and was therefore killed. `out` is empty; `seconds` is the duration of the wait.
  [[nodiscard]] RunResult wait(double timeout_seconds);

 private:
  ScratchFolder streams_;
  pid_t process_ = -1;
};

}  // namespace haloedge

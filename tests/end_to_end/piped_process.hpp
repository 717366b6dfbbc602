#pragma once

#include <string>

#include <sys/types.h>

#include "program.hpp"

namespace haloedge {

/// A file descriptor that is closed when it goes.
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

/// Neither end is inherited by processes that are started, but as their standard input or output.
struct Pipe {
  Pipe();

  Descriptor read_end;
  Descriptor write_end;
};

/// A command line that runs beside the test, between two descriptors. Killed, if it still runs, when this goes.
class PipedProcess {
 public:
  /// The shell runs `exec COMMAND`. The test keeps its own copies of the descriptors, and must close those of pipes. A
  /// descriptor of -1: the test's own standard input or output.
  PipedProcess(const std::string& command, int input, int output);
  PipedProcess(const PipedProcess&) = delete;
  PipedProcess& operator=(const PipedProcess&) = delete;
  ~PipedProcess();

  void signal(int number) const;
  [[nodiscard]] pid_t process() const { return process_; }
  /// Exit code 128 + signal if a signal ended it; -1, and it is killed, if it does not end within this time. `out` is
  /// empty; `seconds` is how long this took.
  [[nodiscard]] RunResult wait(double timeout_seconds);

 private:
  Scratch streams_;
  pid_t process_ = -1;
};

}  // namespace haloedge

#include "piped_process.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace haloedge {

void Descriptor::set(int number) {
  close();
  number_ = number;
}

void Descriptor::close() {
  if (number_ >= 0) ::close(number_);
  number_ = -1;
}

Pipe::Pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("cannot make a pipe");
  read_end.set(ends[0]);
  write_end.set(ends[1]);
}

PipedProcess::PipedProcess(const std::string& command, int input, int output) {
  const std::string line = "exec " + command + " 2>" + (streams_ / "err").string();
  process_ = ::fork();
  if (process_ < 0) throw std::runtime_error("cannot start a process");
  if (process_ == 0) {
    ::dup2(input, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
    ::_exit(127);
  }
}

PipedProcess::~PipedProcess() {
  if (process_ > 0) (void)wait(0);  // kills it
}

void PipedProcess::signal(int number) const { ::kill(process_, number); }

RunResult PipedProcess::wait(double timeout_seconds) {
  const auto start = std::chrono::steady_clock::now();
  const auto passed = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
  RunResult result;
  int status = 0;
  pid_t ended = 0;
  while ((ended = ::waitpid(process_, &status, WNOHANG)) == 0 && passed() < timeout_seconds) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  if (ended == 0) {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, &status, 0);
  } else {
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  process_ = -1;
  result.seconds = passed();
  result.err = file_content(streams_ / "err");
  return result;
}

}  // namespace haloedge

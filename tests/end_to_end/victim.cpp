#include "victim.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

namespace haloedge {

namespace {

namespace fs = std::filesystem;

/// Returns the state and the parent of a process, from /proc; the state is ' ' if there is no such process.
std::pair<char, pid_t> state_of(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string text;
  std::getline(file, text);  // there is no text if the process has ended meanwhile
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return {' ', 0};
  std::istringstream rest(text.substr(name_end + 1));
  std::pair<char, pid_t> state{' ', 0};
  rest >> state.first >> state.second;
  return state;
}

std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> children;
  std::error_code gone;
  for (fs::directory_iterator entry("/proc", gone), end; !gone && entry != end; entry.increment(gone)) {
    const std::string name = entry->path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const pid_t process = std::stoi(name);
    if (state_of(process).second == parent) children.push_back(process);
  }
  return children;
}

}  // namespace

Victim::Victim(const std::string& arguments, int ranks) : has_launcher_(ranks > 0) {
  const std::string command = "exec " + haloedge_command(arguments, ranks) + " >" + (streams_ / "out").string() +
                              " 2>" + (streams_ / "err").string() + " </dev/null";
  process_ = ::fork();
  if (process_ < 0) throw std::runtime_error("cannot start a process");
  if (process_ == 0) {
    ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    ::_exit(127);
  }
}

Victim::~Victim() {
  if (process_ > 0) (void)wait(0);  // kills it
}

bool Victim::is_alive(pid_t process) {
  const char state = state_of(process).first;
  return state != ' ' && state != 'Z' && state != 'X';
}

bool Victim::runs() const { return process_ > 0 && is_alive(process_); }

std::vector<pid_t> Victim::ranks() {
  std::vector<pid_t> ranks = has_launcher_ ? children_of(process_) : std::vector<pid_t>{process_};
  for (const pid_t rank : ranks) {
    if (std::find(known_.begin(), known_.end(), rank) == known_.end()) known_.push_back(rank);
  }
  return ranks;
}

RunResult Victim::wait(int timeout_seconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(timeout_seconds);
  const auto in_time = [&] { return std::chrono::steady_clock::now() < end; };
  const auto rest = [] { std::this_thread::sleep_for(std::chrono::milliseconds(2)); };
  RunResult result;
  int status = 0;
  pid_t ended = 0;
  while ((ended = ::waitpid(process_, &status, WNOHANG)) == 0 && in_time()) {
    (void)ranks();
    rest();
  }
  const auto some_rank_lives = [&] { return std::any_of(known_.begin(), known_.end(), is_alive); };
  if (ended != 0) {
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    while (some_rank_lives() && in_time()) rest();
  }
  if (ended == 0 || some_rank_lives()) {
    result.exit_code = -1;
    for (const pid_t rank : known_) {
      if (is_alive(rank)) ::kill(rank, SIGKILL);
    }
    if (ended == 0) {
      ::kill(process_, SIGKILL);
      ::waitpid(process_, &status, 0);
    }
  }
  process_ = -1;
  result.out = file_content(streams_ / "out");
  result.err = file_content(streams_ / "err");
  return result;
}

}  // namespace haloedge

#include "run/terminal.hpp"

#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <unistd.h>

namespace haloedge {

bool error_stream_is_terminal() {
  if (::isatty(STDERR_FILENO) != 0) return true;
  std::error_code error;
  const auto launcher = std::filesystem::read_symlink(fmt::format("/proc/{}/fd/2", ::getppid()), error);
  const auto own = std::filesystem::read_symlink("/proc/self/fd/2", error);
  return !error && own.string().rfind("pipe:", 0) == 0 && launcher.string().rfind("/dev/pts/", 0) == 0;
}

void say(const std::string& text, std::FILE* to) {
  (void)std::fputs(text.c_str(), to);
  (void)std::fflush(to);
}

}  // namespace haloedge

#include "stream/byte_input.hpp"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.hpp"
#include "stream/pipe.hpp"

namespace haloedge {

ByteInput::ByteInput(const std::string& path, std::function<bool()> should_end)
    : name_("standard input"), should_end_(std::move(should_end)) {
  if (!path.empty()) {
    name_ = path;
    owned_ = true;
    // A named pipe need not have a writer yet.
    descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor_ < 0) throw Error(fmt::format("{}: {}", path, errno_text(errno)));
  }
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) throw Error(fmt::format("{}: {}", name_, errno_text(errno)));
  if (S_ISDIR(status.st_mode)) throw Error(fmt::format("{}: is a folder", name_));
  if (S_ISFIFO(status.st_mode)) enlarge_pipe(descriptor_);
}

ByteInput::~ByteInput() {
  if (owned_ && descriptor_ >= 0) ::close(descriptor_);
}

bool ByteInput::is_regular_file() const {
  struct stat status {};
  return ::fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode);
}

bool ByteInput::wait() {
  pollfd ready{.fd = descriptor_, .events = POLLIN, .revents = 0};
  for (;;) {
    if (should_end_()) {
      was_ended_ = true;
      return false;
    }
    const int count = ::poll(&ready, 1, poll_period_ms);
    if (count > 0) return true;
    if (count < 0 && errno != EINTR) throw Error(fmt::format("{}: {}", name_, errno_text(errno)));
  }
}

std::size_t ByteInput::read(std::span<std::byte> bytes) {
  std::size_t done = 0;
  while (done < bytes.size() && wait()) {
    const ssize_t got = ::read(descriptor_, bytes.data() + done, bytes.size() - done);
    if (got == 0) break;
    if (got > 0) {
      done += static_cast<std::size_t>(got);
    } else if (errno != EINTR && errno != EAGAIN) {
      throw Error(fmt::format("{}: {}", name_, errno_text(errno)));
    }
  }
  return done;
}

}  // namespace haloedge

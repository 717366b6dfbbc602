#include "stream/byte_output.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "core/error.hpp"
#include "stream/pipe.hpp"

namespace haloedge {

ByteOutput::ByteOutput(const std::string& path, ShouldGiveUp should_give_up)
    : name_("standard output"), should_give_up_(std::move(should_give_up)) {
  if (path.empty()) {
    open_standard_output();
  } else {
    open(path);
  }
  enlarge_pipe(descriptor_);
}

ByteOutput::~ByteOutput() {
  if (owned_) ::close(descriptor_);
}

void ByteOutput::open_standard_output() {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) throw Error(fmt::format("{}: {}", name_, errno_text(errno)));
  is_socket_ = S_ISSOCK(status.st_mode);
  if (!S_ISFIFO(status.st_mode)) return;
  // Opened anew, so that it does not become non-blocking for others who hold this pipe, too.
  const int again = ::open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  if (again < 0) return;  // no /proc here, or another user's pipe: a stop then waits for whoever reads
  descriptor_ = again;
  owned_ = true;
}

void ByteOutput::open(const std::string& path) {
  name_ = path;
  constexpr mode_t everybody = 0666;
  const StreamClock::time_point begin = StreamClock::now();
  for (;;) {
    descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_CLOEXEC, everybody);
    if (descriptor_ >= 0) break;
    if (errno != ENXIO) throw Error(fmt::format("{}: {}", name_, errno_text(errno)));
    // A named pipe that nobody reads yet.
    if (should_give_up_(StreamClock::now() - begin)) {
      throw Stopped(fmt::format("{}: stopped before anybody read from it", name_));
    }
    (void)::poll(nullptr, 0, poll_period_ms);
  }
  owned_ = true;
}

bool ByteOutput::wait() {
  pollfd ready{.fd = descriptor_, .events = POLLOUT, .revents = 0};
  const StreamClock::time_point begin = StreamClock::now();
  for (;;) {
    const int count = ::poll(&ready, 1, poll_period_ms);
    if (count > 0) return true;
    if (count < 0 && errno != EINTR) throw Error(fmt::format("{}: {}", name_, errno_text(errno)));
    if (should_give_up_(StreamClock::now() - begin)) {
      gave_up_ = true;
      return false;
    }
  }
}

std::ptrdiff_t ByteOutput::write_some(std::span<const std::byte> head, std::span<const std::byte> body) const {
  const auto part = [](std::span<const std::byte> bytes) {
    return iovec{const_cast<std::byte*>(bytes.data()), bytes.size()};  // NOLINT: neither call writes there
  };
  std::array<iovec, 2> parts{part(head), part(body)};
  if (!is_socket_) return ::writev(descriptor_, parts.data(), static_cast<int>(parts.size()));
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  return ::sendmsg(descriptor_, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

bool ByteOutput::write(std::span<const std::byte> head, std::span<const std::byte> body) {
  while (!head.empty() || !body.empty()) {
    if (is_closed_ || gave_up_ || !wait()) return false;
    const std::ptrdiff_t done = write_some(head, body);
    if (done >= 0) {
      const std::size_t of_head = std::min(static_cast<std::size_t>(done), head.size());
      head = head.subspan(of_head);
      body = body.subspan(static_cast<std::size_t>(done) - of_head);
    } else if (errno == EPIPE || errno == ECONNRESET) {
      is_closed_ = true;
    } else if (errno != EINTR && errno != EAGAIN) {
      throw Error(fmt::format("{}: {}", name_, errno_text(errno)));
    }
  }
  return true;
}

void ByteOutput::finish() {
  if (!owned_) return;
  owned_ = false;
  if (::close(descriptor_) != 0) throw Error(fmt::format("{}: {}", name_, errno_text(errno)));
}

}  // namespace haloedge

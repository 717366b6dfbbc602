#include "stream/byte_streams.hpp"

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

namespace haloedge {

namespace {

/// The error of the system call that has just failed.
Error system_error(const std::string& name) {
  return Error(fmt::format("{}: {}", name, errno == ENOENT ? "does not exist" : errno_text(errno)));
}

struct stat status_of(int descriptor, const std::string& name) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) throw system_error(name);
  return status;
}

/// Waits for one poll period at most. Returns true if the descriptor is ready for `events`.
bool poll_once(int descriptor, short events, const std::string& name) {
  pollfd ready{.fd = descriptor, .events = events, .revents = 0};
  const int count = ::poll(&ready, 1, poll_period_ms);
  if (count < 0 && errno != EINTR) throw system_error(name);
  return count > 0;
}

/// Gives a pipe the largest buffer that every user may have on Linux, so that frames pass with fewer switches between
/// the two processes. Failure is ignored.
void enlarge_pipe(int descriptor) {
  constexpr int max_bytes = 1 << 20;
  (void)::fcntl(descriptor, F_SETPIPE_SZ, max_bytes);
}

}  // namespace

ByteInput::ByteInput(const std::string& path, std::function<bool()> should_end) : should_end_(std::move(should_end)) {
  if (!path.empty()) {
    name_ = path;
    owned_ = true;
    // Opening must not block: a named pipe may not have a writer yet.
    descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor_ < 0) throw system_error(name_);
  }
  const struct stat status = status_of(descriptor_, name_);
  if (S_ISDIR(status.st_mode)) throw Error(fmt::format("{}: is a folder", name_));
  if (S_ISFIFO(status.st_mode)) enlarge_pipe(descriptor_);
  is_regular_file_ = S_ISREG(status.st_mode);
}

ByteInput::~ByteInput() {
  if (owned_) ::close(descriptor_);
}

bool ByteInput::wait() {
  do {
    if (should_end_()) {
      was_ended_ = true;
      return false;
    }
  } while (!poll_once(descriptor_, POLLIN, name_));
  return true;
}

std::size_t ByteInput::read(std::span<std::byte> bytes) {
  std::size_t done = 0;
  while (done < bytes.size() && wait()) {
    const ssize_t got = ::read(descriptor_, bytes.data() + done, bytes.size() - done);
    if (got == 0) break;
    if (got > 0) {
      done += static_cast<std::size_t>(got);
    } else if (errno != EINTR && errno != EAGAIN) {
      throw system_error(name_);
    }
  }
  return done;
}

ByteOutput::ByteOutput(const std::string& path, ShouldGiveUp should_give_up)
    : should_give_up_(std::move(should_give_up)) {
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
  const struct stat status = status_of(descriptor_, name_);
  is_socket_ = S_ISSOCK(status.st_mode);
  if (!S_ISFIFO(status.st_mode)) return;
  // The pipe is opened again, so that it does not become non-blocking for other processes that hold it, too.
  const int again = ::open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  if (again < 0) return;  // no /proc here, or another user's pipe: a stop then waits for the reader
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
    if (errno != ENXIO) throw system_error(name_);
    // Nobody reads the named pipe yet.
    if (should_give_up_(StreamClock::now() - begin)) {
      throw Stopped(fmt::format("{}: stopped before anybody read from it", name_));
    }
    (void)::poll(nullptr, 0, poll_period_ms);
  }
  owned_ = true;
}

bool ByteOutput::wait() {
  const StreamClock::time_point begin = StreamClock::now();
  while (!poll_once(descriptor_, POLLOUT, name_)) {
    if (should_give_up_(StreamClock::now() - begin)) {
      gave_up_ = true;
      return false;
    }
  }
  return true;
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
      throw system_error(name_);
    }
  }
  return true;
}

void ByteOutput::finish() {
  if (!owned_) return;
  owned_ = false;
  if (::close(descriptor_) != 0) throw system_error(name_);
}

}  // namespace haloedge

// Emulates a network of slow cables in user space, for kernels without netem: a switch that learns addresses and
// connects TAP devices, which it makes. A frame arrives DELAY microseconds after it was sent, and a port sends no more
// than RATE Mbit/s (0: no limit).
//   slurm_link DELAY RATE NAME...
// It runs until it is killed, and its devices vanish with it. Each device may be moved to another network namespace.
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <deque>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace {

using Clock = std::chrono::steady_clock;
using Address = std::array<std::uint8_t, 6>;

struct Frame {
  Clock::time_point due;
  std::vector<std::uint8_t> bytes;
};

/// A device, and the frames that are on their way to it.
struct Port {
  int device = -1;
  Address address{};            ///< address of the host behind it, as seen last
  Clock::time_point free_at{};  ///< the time at which it has sent everything it was given so far
  std::deque<Frame> arriving{};
};

int make_device(const std::string& name) {
  const int device = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  ifreq request{};
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  if (device < 0 || ::ioctl(device, TUNSETIFF, &request) < 0) {
    throw std::system_error(errno, std::generic_category(), "device " + name);
  }
  return device;
}

class Switch {
 public:
  Switch(std::chrono::microseconds delay, double megabits_per_second, const std::vector<std::string>& names)
      : delay_(delay), megabits_per_second_(megabits_per_second) {
    for (const std::string& name : names) {
      ports_.push_back({.device = make_device(name)});
      waiting_.push_back({.fd = ports_.back().device, .events = POLLIN, .revents = 0});
    }
  }

  [[noreturn]] void run() {
    for (;;) {
      for (Port& port : ports_) deliver(port);
      wait();
      for (std::size_t i = 0; i < ports_.size(); ++i) {
        if ((waiting_[i].revents & POLLIN) != 0) take(ports_[i]);
      }
    }
  }

 private:
  /// Writes the frames that have arrived to the device. A device that takes no more loses frames, as cables do.
  static void deliver(Port& port) {
    while (!port.arriving.empty() && port.arriving.front().due <= Clock::now()) {
      const std::vector<std::uint8_t>& bytes = port.arriving.front().bytes;
      (void)!::write(port.device, bytes.data(), bytes.size());
      port.arriving.pop_front();
    }
  }

  /// Waits until a frame is sent, or one is due.
  void wait() {
    std::optional<Clock::time_point> next;
    for (const Port& port : ports_) {
      if (!port.arriving.empty()) next = std::min(next.value_or(Clock::time_point::max()), port.arriving.front().due);
    }
    timespec time{};
    if (next) {
      const auto left = std::max<std::int64_t>(0, std::chrono::nanoseconds(*next - Clock::now()).count());
      time = {.tv_sec = left / 1'000'000'000, .tv_nsec = left % 1'000'000'000};
    }
    (void)::ppoll(waiting_.data(), waiting_.size(), next ? &time : nullptr, nullptr);
  }

  /// Forwards the frames that a port has sent, to the host that they are for, or to all hosts if that one is unknown.
  void take(Port& from) {
    constexpr std::size_t largest_frame = 65'600;
    constexpr std::size_t header = 14;
    constexpr std::size_t longest_queue = 4096;
    std::vector<std::uint8_t> bytes(largest_frame);
    for (;;) {
      bytes.resize(largest_frame);
      const ssize_t size = ::read(from.device, bytes.data(), bytes.size());
      if (size < static_cast<ssize_t>(header)) return;
      bytes.resize(static_cast<std::size_t>(size));
      Address to{};
      std::copy_n(bytes.begin(), to.size(), to.begin());
      std::copy_n(bytes.begin() + 6, from.address.size(), from.address.begin());
      from.free_at = std::max(from.free_at, Clock::now()) + time_on_cable(bytes.size());
      const bool known = std::any_of(ports_.begin(), ports_.end(), [&](const Port& p) { return p.address == to; });
      for (Port& port : ports_) {
        if (&port == &from || (known && port.address != to) || port.arriving.size() == longest_queue) continue;
        port.arriving.push_back({.due = from.free_at + delay_, .bytes = bytes});
      }
    }
  }

  [[nodiscard]] Clock::duration time_on_cable(std::size_t bytes) const {
    if (megabits_per_second_ <= 0) return {};
    const std::chrono::duration<double, std::micro> time(8 * static_cast<double>(bytes) / megabits_per_second_);
    return std::chrono::duration_cast<Clock::duration>(time);
  }

  std::chrono::microseconds delay_;
  double megabits_per_second_;
  std::vector<Port> ports_;
  std::vector<pollfd> waiting_;
};

}  // namespace

int main(int count, char** arguments) {
  try {
    if (count < 4) throw std::invalid_argument("usage: slurm_link DELAY_US RATE_MBIT NAME...");
    ::prctl(PR_SET_TIMERSLACK, 1000);  // nanoseconds: waits end in time for the delays that they emulate
    Switch cables(std::chrono::microseconds(std::stoll(arguments[1])), std::stod(arguments[2]),
                  {arguments + 3, arguments + count});
    cables.run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "slurm_link: %s\n", error.what());
    return 1;
  }
}

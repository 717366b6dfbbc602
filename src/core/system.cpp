#include "core/system.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <fstream>
#include <limits>

#include <malloc.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

namespace haloedge {

namespace {

using Clock = std::chrono::steady_clock;
const Clock::time_point process_start = Clock::now();

/// The number after the word `key` in a file; -1 if there is none.
std::int64_t number_after(const char* path, const std::string& key) {
  std::ifstream file(path);
  std::string word;
  while (file >> word) {
    std::int64_t number = 0;
    if (word == key && file >> number) return number;
  }
  return -1;
}

/// The bytes that the control group at the root of /sys/fs/cgroup (in a container: its own one) leaves: limit minus
/// use, or the largest number without a limit. Groups below the root are not read.
std::int64_t control_group_room() {
  constexpr std::int64_t no_limit = std::numeric_limits<std::int64_t>::max();
  constexpr std::array<std::array<const char*, 2>, 2> places{{
      {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"},
      {"/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"},
  }};
  for (const auto& [limit_path, use_path] : places) {
    std::int64_t limit = 0;
    std::int64_t use = 0;
    if (std::ifstream(limit_path) >> limit && std::ifstream(use_path) >> use)
      return std::max<std::int64_t>(0, limit - use);
  }
  return no_limit;
}

}  // namespace

std::vector<int> allowed_cpus() {
  // Has room for more processors than the default set of 1,024.
  constexpr int most = 8192;
  std::vector<cpu_set_t> set(most / CPU_SETSIZE);
  const std::size_t bytes = set.size() * sizeof(cpu_set_t);
  std::vector<int> cpus;
  if (::sched_getaffinity(0, bytes, set.data()) == 0) {
    for (int cpu = 0; cpu < most; ++cpu) {
      if (CPU_ISSET_S(static_cast<std::size_t>(cpu), bytes, set.data())) cpus.push_back(cpu);
    }
  }
  if (cpus.empty()) cpus.push_back(0);
  return cpus;
}

int fair_threads(const std::vector<int>& mine, const std::vector<std::vector<int>>& on_node) {
  double part = 0;
  for (const int cpu : mine) {
    const auto sharers = std::ranges::count_if(
        on_node, [cpu](const std::vector<int>& cpus) { return std::ranges::find(cpus, cpu) != cpus.end(); });
    part += 1.0 / static_cast<double>(std::max<std::ptrdiff_t>(1, sharers));
  }
  // Adds a little, because thirds add up to 0.999...
  return std::max(1, static_cast<int>(std::floor(part + 1e-6)));
}

std::int64_t available_memory() {
  const std::int64_t kibibytes = number_after("/proc/meminfo", "MemAvailable:");
  const std::int64_t node = kibibytes > 0 ? kibibytes * 1024 : std::int64_t{1} << 30;
  return std::min(node, control_group_room());
}

std::int64_t peak_resident_bytes() {
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
  return std::int64_t{usage.ru_maxrss} * 1024;
}

double cpu_seconds() {
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
  constexpr double micro = 1e-6;
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + micro * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double seconds_since_start() { return std::chrono::duration<double>(Clock::now() - process_start).count(); }

int node_cores() { return std::max(1, static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN))); }

void return_freed_memory() {
#ifdef __GLIBC__
  constexpr int returned_bytes = 1 << 20;
  ::mallopt(M_MMAP_THRESHOLD, returned_bytes);  // setting it stops glibc from raising it as blocks are freed
  ::mallopt(M_TRIM_THRESHOLD, returned_bytes);  // likewise; at its default of 128 KiB, small images would be slow
#endif
}

void yield_to_others() {
#ifdef __linux__
  constexpr int step = 10;
  constexpr int most = 19;
  // On Linux this sets the priority of the thread, not of the whole process.
  (void)::setpriority(PRIO_PROCESS, 0, std::min(most, ::getpriority(PRIO_PROCESS, 0) + step));
#endif
}

std::string host_name() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

}  // namespace haloedge

#include "core/system.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>

#include <malloc.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

namespace haloedge {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
const Clock::time_point process_start = Clock::now();

/// The number after the word `key` in a file; -1 if there is none.
std::int64_t number_after(const fs::path& path, const std::string& key) {
  std::ifstream file(path);
  std::string word;
  while (file >> word) {
    std::int64_t number = 0;
    if (word == key && file >> number) return number;
  }
  return -1;
}

/// The files of a control group that have its limit, its use, and the parts of its use that are cached files.
struct GroupFiles {
  const char* limit;
  const char* use;
  std::array<const char*, 2> cached;
};
constexpr GroupFiles version_1{
    "memory.limit_in_bytes", "memory.usage_in_bytes", {"total_active_file", "total_inactive_file"}};
constexpr GroupFiles version_2{"memory.max", "memory.current", {"active_file", "inactive_file"}};

/// The bytes that the limit of one control group leaves, or the largest number without a limit. Cached files do not
/// count as used: the system drops them before it refuses memory.
std::int64_t room_in_group(const fs::path& group, const GroupFiles& files) {
  std::int64_t limit = 0;
  std::int64_t use = 0;
  if (!(std::ifstream(group / files.limit) >> limit) || !(std::ifstream(group / files.use) >> use)) {
    return std::numeric_limits<std::int64_t>::max();
  }
  for (const char* key : files.cached) use -= std::max<std::int64_t>(0, number_after(group / "memory.stat", key));
  return std::max<std::int64_t>(0, limit - std::max<std::int64_t>(0, use));
}

/// The least room in the group `path`, in the groups above it, and in the one at the root.
std::int64_t min_room(const fs::path& root, const fs::path& path, const GroupFiles& files) {
  fs::path group = root;
  std::int64_t room = room_in_group(group, files);
  for (const fs::path& part : path.relative_path()) room = std::min(room, room_in_group(group /= part, files));
  return room;
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

std::int64_t control_group_room(const fs::path& root, const std::string& groups) {
  std::string path_1;
  std::string path_2;
  std::istringstream lines(groups);
  std::string number;
  std::string controllers;
  std::string path;
  // A line is NUMBER:CONTROLLERS:PATH. Version 2 names no controllers.
  while (std::getline(lines, number, ':') && std::getline(lines, controllers, ':') && std::getline(lines, path)) {
    if (controllers.empty()) path_2 = path;
    if (controllers == "memory") path_1 = path;
  }
  return std::min(min_room(root / "memory", path_1, version_1), min_room(root, path_2, version_2));
}

std::int64_t available_memory() {
  const std::int64_t kibibytes = number_after("/proc/meminfo", "MemAvailable:");
  const std::int64_t node = kibibytes > 0 ? kibibytes * 1024 : std::int64_t{1} << 30;
  std::ostringstream groups;
  groups << std::ifstream("/proc/self/cgroup").rdbuf();
  return std::min(node, control_group_room("/sys/fs/cgroup", groups.str()));
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

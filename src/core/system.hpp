#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace haloedge {

/// The numbers of the processors that this process may run on.
[[nodiscard]] std::vector<int> allowed_cpus();

/// The fair number of threads, at least 1, for a process that may run on the processors `mine`. `on_node` has the
/// processors of every process of the job on this node, this one included. A processor shared by k processes counts
/// 1/k.
[[nodiscard]] int fair_threads(const std::vector<int>& mine, const std::vector<std::vector<int>>& on_node);

/// The memory in bytes that the limits of a process's control groups leave: the least of what its group and all groups
/// above it leave, or the largest number without a limit. `root` is the folder of the control groups (/sys/fs/cgroup),
/// `groups` the text of /proc/self/cgroup. In a container, folders of this text may not exist; they set no limit.
[[nodiscard]] std::int64_t control_group_room(const std::filesystem::path& root, const std::string& groups);

/// The memory in bytes that this process can get now: the available memory of the node, or what the limits of its
/// control groups leave, if that is less.
[[nodiscard]] std::int64_t available_memory();

/// The largest amount of memory that this process has had, in bytes.
[[nodiscard]] std::int64_t peak_resident_bytes();

/// The processor time of all threads of this process, in seconds.
[[nodiscard]] double cpu_seconds();

/// The seconds since this process began, without the time in which the system loaded it.
[[nodiscard]] double seconds_since_start();

/// The number of processors of this node, whether this process may run on them or not.
[[nodiscard]] int node_cores();

/// Makes blocks of a MiB and more go back to the system when they are freed. glibc would keep them, and a program that
/// passes such blocks from thread to thread could end up with several times the memory it uses. To be called before
/// threads are started.
void return_freed_memory();

/// Lowers the priority of the calling thread, so that it leaves time to all other threads but still makes progress.
/// Does nothing if the system refuses.
void yield_to_others();

[[nodiscard]] std::string host_name();

}  // namespace haloedge

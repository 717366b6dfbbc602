#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace haloedge {

/// The processors that this process may run on, by number.
[[nodiscard]] std::vector<int> allowed_cpus();

/// The fair number of threads for a process that may run on `mine`, where each of `on_node` (itself among them) is the
/// processors of one process of the job on this node: a processor allowed to k processes counts 1/k. At least 1.
[[nodiscard]] int fair_threads(const std::vector<int>& mine, const std::vector<std::vector<int>>& on_node);

/// Bytes of memory that this node could give now: what the kernel calls available, or less where a control group sets a
/// limit.
[[nodiscard]] std::int64_t available_memory();

/// The most memory that this process has held at one time, in bytes.
[[nodiscard]] std::int64_t peak_resident_bytes();

/// Time of processors that this process has used, in all its threads, in seconds.
[[nodiscard]] double cpu_seconds();

/// Since this process began, but for the time that the system took to load it.
[[nodiscard]] double seconds_since_start();

/// The processors of this node, whether this process may run on them or not.
[[nodiscard]] int node_cores();

/// From now on memory of a MiB or more goes back to the system when it is freed. glibc would keep it, and a program
/// that passes such blocks from thread to thread could come to hold several times what it uses. Before threads are
/// started.
void return_freed_memory();

/// From now on the calling thread runs when others, of this process or not, leave it time; it never stands still. What
/// cannot be had is left.
void yield_to_others();

[[nodiscard]] std::string host_name();

}  // namespace haloedge

#pragma once

#include <cstdint>
#include <functional>

namespace haloedge {

/// Runs task(0) .. task(count - 1) on up to `threads` OpenMP threads. The next free thread takes the next task. Returns
/// when all tasks are done. If a task throws, those that have not begun are skipped, and the first exception is thrown
/// again.
void run_tasks(int threads, std::int64_t count, const std::function<void(std::int64_t task, int thread)>& task);

}  // namespace haloedge

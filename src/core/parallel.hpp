#pragma once

#include <cstdint>
#include <functional>

namespace haloedge {

/// Runs task(0) .. task(count - 1) on up to `threads` OpenMP threads, taken in order, each by the next free thread.
/// Returns when all are done. If tasks throw, those not yet begun are left out and the first exception is thrown again
/// here.
void run_tasks(int threads, std::int64_t count, const std::function<void(std::int64_t task, int thread)>& task);

}  // namespace haloedge

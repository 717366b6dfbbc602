#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/cuda/march.hpp"
#include "kernels/device_filter.hpp"

namespace haloedge::kernels::cuda {

/// The tables that describe the jobs of a launch to the kernels.
struct LaunchTables {
  std::vector<Job> jobs;
  std::vector<const std::byte*> rows;
  std::int64_t items = 0;
  int march_rows = 0;
  std::int64_t result_bytes = 0;  ///< the bytes of the slot that the jobs fill
};

/// The most bytes that the tables of a launch take.
[[nodiscard]] std::int64_t table_bytes(const DeviceFilterSpec& spec);

/// Turns jobs, whose rows lie in `host_source`, into tables for a device, whose copy of the source begins at
/// `device_source` and whose result begins at `result`. The length of marches is chosen for a device that runs
/// `threads` of them at a time; Canny's items are patches, which have no march_rows. Throws std::logic_error if a job
/// breaks the rules of DeviceJob. Overwrites `tables` and reuses its memory.
void lay_out(const DeviceFilterSpec& spec, std::span<const DeviceJob> jobs, std::span<const std::byte> host_source,
             const std::byte* device_source, std::byte* result, std::int64_t threads, LaunchTables& tables);

/// The launch of `tables`, which lay_out() made; `jobs` and `rows` are the copies that the kernels read.
[[nodiscard]] Launch launch_of(const DeviceFilterSpec& spec, const LaunchTables& tables, const Job* jobs,
                               const std::byte* const* rows);

}  // namespace haloedge::kernels::cuda

#include "kernels/cuda/layout.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>

#include "kernels/cuda/canny.hpp"

namespace haloedge::kernels::cuda {

namespace {

constexpr int shortest_march = 16;
constexpr int longest_march = 64;
static_assert((shortest_march + 2) % march_turn == 0 && (longest_march - shortest_march) % march_turn == 0);
constexpr std::int64_t alignment = 16;

std::int64_t items_of(const DeviceFilterSpec& spec, const DeviceJob& job, int march_rows) {
  const std::int64_t rows = job.out_rows(spec.radius());
  if (spec.canny) return patches_across(job.width) * patches_down(rows);
  return columns_of(job.width, sample_bytes(spec.filter.gray_type)) * divide_up(rows, march_rows);
}

std::int64_t all_items(const DeviceFilterSpec& spec, std::span<const DeviceJob> jobs, int march_rows) {
  std::int64_t items = 0;
  for (const DeviceJob& job : jobs) items += items_of(spec, job, march_rows);
  return items;
}

/// Chooses the march length with the fewest steps until the last march ends. The device runs `threads` marches at a
/// time, and a march of n rows takes n + 2 steps. Short marches load more rows twice, but the last wave of long marches
/// may leave most of the device idle. Since marches do not end in lockstep, a shorter one must be better by more than
/// 1/32.
int choose_march_rows(const DeviceFilterSpec& spec, std::span<const DeviceJob> jobs, std::int64_t threads) {
  constexpr std::int64_t part = 32;
  if (spec.canny) return 0;
  int best_rows = longest_march;
  std::int64_t min_steps = std::numeric_limits<std::int64_t>::max() / part;
  for (int rows = longest_march; rows >= shortest_march; rows -= march_turn) {
    const std::int64_t waves = divide_up(all_items(spec, jobs, rows), threads);
    const std::int64_t steps = waves * (rows + 2);
    if (steps * part >= min_steps * (part - 1)) continue;
    min_steps = steps;
    best_rows = rows;
  }
  return best_rows;
}

/// The bytes of a row, from column 0 on, that kernels may read.
std::int64_t read_bytes(const DeviceFilterSpec& spec, std::int64_t width) {
  if (spec.canny) return canny_columns_read(width) * spec.channels;
  const std::int64_t sample = sample_bytes(spec.filter.gray_type);
  return std::max(columns_of(width, sample) * alignment, (width + stencil_radius) * sample) * spec.channels;
}

std::int64_t tile_bytes(const DeviceFilterSpec& spec, const DeviceJob& job) {
  return job.tile_columns * job.tile_rows * sample_bytes(spec.filter.out_type);
}

void require(bool holds, const char* rule) {
  if (!holds) throw std::logic_error(std::string("a device job breaks a rule: ") + rule);
}

}  // namespace

std::int64_t table_bytes(const DeviceFilterSpec& spec) {
  return spec.max_jobs * static_cast<std::int64_t>(sizeof(Job)) +
         spec.max_rows * static_cast<std::int64_t>(sizeof(const std::byte*));
}

void lay_out(const DeviceFilterSpec& spec, std::span<const DeviceJob> jobs, std::span<const std::byte> host_source,
             const std::byte* device_source, std::byte* result, std::int64_t threads, LaunchTables& tables) {
  tables.jobs.clear();
  tables.rows.clear();
  tables.items = 0;
  tables.result_bytes = 0;
  require(threads > 0, "a device that runs some threads");
  require(!spec.canny || (spec.filter.gray_type == SampleType::u8 && spec.filter.out_type == SampleType::u8),
          "Canny makes bytes of bytes");
  require(static_cast<std::int64_t>(jobs.size()) <= spec.max_jobs, "no more jobs than the filter was made for");
  require(!jobs.empty(), "at least one");
  tables.march_rows = choose_march_rows(spec, jobs, threads);
  const std::int64_t border_bytes = spec.radius() * spec.channels * sample_bytes(spec.filter.gray_type);
  for (const DeviceJob& job : jobs) {
    const std::int64_t rows = job.out_rows(spec.radius());
    const std::int64_t reads = read_bytes(spec, job.width);
    require(job.width > 0 && rows > 0, "not empty");
    require(job.tile_columns > 0 && job.tile_columns % alignment == 0 && job.tile_rows >= rows &&
                job.out_offset % alignment == 0,
            "tiles aligned and high enough");
    tables.jobs.push_back({.first_item = tables.items,
                           .first_row = static_cast<std::int64_t>(tables.rows.size()),
                           .out = result + job.out_offset,
                           .width = job.width,
                           .rows = rows,
                           .out_row_bytes = job.tile_columns * sample_bytes(spec.filter.out_type),
                           .out_tile_bytes = tile_bytes(spec, job),
                           .tile_columns = job.tile_columns,
                           .at_top = job.at_top,
                           .at_bottom = job.at_bottom});
    for (const std::byte* row : job.rows) {
      const std::int64_t offset = row - host_source.data();
      require(offset % alignment == 0 && offset >= border_bytes && offset + reads <= std::ssize(host_source),
              "whole rows in the source memory, with a border");
      tables.rows.push_back(device_source + offset);
    }
    tables.items += items_of(spec, job, tables.march_rows);
    tables.result_bytes = std::max(tables.result_bytes, job.out_offset + job.tiles() * tile_bytes(spec, job));
  }
  require(std::ssize(tables.rows) <= spec.max_rows, "no more rows than the filter was made for");
  require(tables.result_bytes <= spec.result_bytes, "results fit into a slot");
}

Launch launch_of(const DeviceFilterSpec& spec, const LaunchTables& tables, const Job* jobs,
                 const std::byte* const* rows) {
  return {.jobs = jobs,
          .job_count = std::ssize(tables.jobs),
          .items = tables.items,
          .rows = rows,
          .march_rows = tables.march_rows,
          .out_bytes = static_cast<int>(sample_bytes(spec.filter.out_type)),
          .gray = gray_rule(spec.weights)};
}

}  // namespace haloedge::kernels::cuda

namespace haloedge::kernels {

std::int64_t device_bytes(const DeviceFilterSpec& spec) {
  return spec.source_bytes + spec.slots * (spec.result_bytes + cuda::table_bytes(spec));
}

}  // namespace haloedge::kernels

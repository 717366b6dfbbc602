#include "kernels/cuda/layout.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace haloedge::kernels::cuda {

namespace {

constexpr int longest_march = 64;
constexpr int shortest_march = 16;
constexpr std::int64_t alignment = 16;

std::int64_t items_of(SampleType type, const DeviceJob& job, int march_rows) {
  return columns_of(job.width, sample_bytes(type)) * ((job.out_rows() + march_rows - 1) / march_rows);
}

std::int64_t all_items(SampleType type, std::span<const DeviceJob> jobs, int march_rows) {
  std::int64_t items = 0;
  for (const DeviceJob& job : jobs) items += items_of(type, job, march_rows);
  return items;
}

/// Each march keeps a thread busy; each thread should get two or more.
int choose_march_rows(SampleType type, std::span<const DeviceJob> jobs, std::int64_t threads) {
  int rows = longest_march;
  while (rows > shortest_march && all_items(type, jobs, rows) < 2 * threads) rows /= 2;
  return rows;
}

std::int64_t tile_bytes(const DeviceFilterSpec& spec, const DeviceJob& job) {
  return job.tile_columns * job.tile_rows * sample_bytes(spec.filter.out_type);
}

void require(bool holds, const char* rule) {
  if (!holds) throw std::logic_error(std::string("a device job breaks a rule: ") + rule);
}

}  // namespace

std::int64_t table_bytes(const DeviceFilterSpec& spec) {
  return spec.most_jobs * static_cast<std::int64_t>(sizeof(Job)) +
         spec.most_rows * static_cast<std::int64_t>(sizeof(const std::byte*));
}

LaunchTables lay_out(const DeviceFilterSpec& spec, std::span<const DeviceJob> jobs,
                     std::span<const std::byte> host_source, const std::byte* device_source, std::byte* result,
                     std::int64_t threads) {
  const SampleType type = spec.filter.gray_type;
  LaunchTables tables;
  tables.march_rows = choose_march_rows(type, jobs, threads);
  require(static_cast<std::int64_t>(jobs.size()) <= spec.most_jobs, "no more jobs than the filter was made for");
  require(!jobs.empty(), "at least one");
  const std::int64_t pixel_bytes = spec.channels * sample_bytes(type);
  for (const DeviceJob& job : jobs) {
    const std::int64_t read_bytes = std::max(columns_of(job.width, sample_bytes(type)) * alignment * spec.channels,
                                             (job.width + stencil_radius) * pixel_bytes);
    require(job.width > 0 && job.out_rows() > 0, "not empty");
    require(job.tile_columns > 0 && job.tile_columns % alignment == 0 && job.tile_rows >= job.out_rows() &&
                job.out_offset % alignment == 0,
            "tiles aligned and high enough");
    tables.jobs.push_back({.first_item = tables.items,
                           .first_row = static_cast<std::int64_t>(tables.rows.size()),
                           .out = result + job.out_offset,
                           .width = job.width,
                           .rows = job.out_rows(),
                           .out_row_bytes = job.tile_columns * sample_bytes(spec.filter.out_type),
                           .out_tile_bytes = tile_bytes(spec, job),
                           .tile_columns = job.tile_columns});
    for (const std::byte* row : job.rows) {
      const std::int64_t offset = row - host_source.data();
      require(offset % alignment == 0 && offset >= pixel_bytes && offset + read_bytes <= std::ssize(host_source),
              "whole rows in the source memory, with a border");
      tables.rows.push_back(device_source + offset);
    }
    tables.items += items_of(type, job, tables.march_rows);
    tables.result_bytes = std::max(tables.result_bytes, job.out_offset + job.tiles() * tile_bytes(spec, job));
  }
  require(std::ssize(tables.rows) <= spec.most_rows, "no more rows than the filter was made for");
  require(tables.result_bytes <= spec.result_bytes, "results fit into a slot");
  return tables;
}

}  // namespace haloedge::kernels::cuda

namespace haloedge::kernels {

std::int64_t device_bytes(const DeviceFilterSpec& spec) {
  return spec.source_bytes + spec.slots * (spec.result_bytes + cuda::table_bytes(spec));
}

}  // namespace haloedge::kernels
